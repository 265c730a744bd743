create table users (
    id blob not null primary key,
    -- Lower case; people type it as they like.
    email text not null,
    name text not null,
    -- An Argon2id string in PHC format.
    password_hash text not null,
    is_admin integer not null,
    created_at integer not null,
    constraint users_email_key unique (email)
) strict;

create table sessions (
    -- SHA-256 of the cookie's secret, so that a stolen database opens no session.
    secret_hash blob not null primary key,
    user_id blob not null constraint sessions_user_fkey references users (id) on delete cascade,
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;
create index sessions_user_idx on sessions (user_id);
create index sessions_expires_idx on sessions (expires_at);

-- One per room and one per user (the inbox), under the identifier of its owner.
create table logs (
    id blob not null primary key,
    epoch integer not null,
    head integer not null
) strict, without rowid;

create table events (
    log_id blob not null constraint events_log_fkey references logs (id) on delete cascade,
    seq integer not null,
    kind text not null,
    -- JSON, as it goes on the wire.
    payload text not null,
    created_at integer not null,
    constraint events_pkey primary key (log_id, seq)
) strict, without rowid;

create table rooms (
    id blob not null primary key constraint rooms_log_fkey references logs (id),
    kind text not null constraint rooms_kind_check check (kind in ('solo', 'group', 'direct')),
    title text not null,
    created_at integer not null,
    active_at integer not null
) strict;

create table members (
    room_id blob not null constraint members_room_fkey references rooms (id) on delete cascade,
    user_id blob not null constraint members_user_fkey references users (id) on delete cascade,
    role text not null constraint members_role_check check (role in ('owner', 'admin', 'member', 'guest')),
    joined_at integer not null,
    constraint members_pkey primary key (room_id, user_id)
) strict, without rowid;
create index members_user_idx on members (user_id, room_id);

create table messages (
    -- For a member's message, the identifier of the command that sent it: sent twice is stored once.
    id blob not null primary key,
    room_id blob not null constraint messages_room_fkey references rooms (id) on delete cascade,
    -- Its place in the room's log.
    seq integer not null,
    parent_id blob,
    -- Null for the AI.
    author_id blob constraint messages_author_fkey references users (id) on delete set null,
    author_name text not null,
    created_at integer not null,
    text text not null,
    thinking text not null,
    constraint messages_room_seq_key unique (room_id, seq)
) strict;

-- The generation of one AI message.
create table runs (
    message_id blob not null primary key constraint runs_message_fkey references messages (id) on delete cascade,
    status text not null constraint runs_status_check
        check (status in ('queued', 'thinking', 'tool', 'writing', 'done', 'stopped', 'failed', 'interrupted')),
    attempt integer not null,
    model text not null,
    -- Only the holder of this token may write (fencing); it changes hands when another node takes the run over.
    lease integer not null,
    text_length integer not null,
    thinking_length integer not null,
    thinking_at integer,
    writing_at integer,
    ended_at integer,
    stopped_by text,
    failure_code text,
    failure_message text,
    prompt_tokens integer,
    cached_tokens integer,
    completion_tokens integer,
    reasoning_tokens integer
) strict;
create index runs_unfinished_idx on runs (message_id) where ended_at is null;

-- What a running message has grown by; compacted into the message when the run ends.
create table pieces (
    message_id blob not null constraint pieces_run_fkey references runs (message_id) on delete cascade,
    is_thinking integer not null,
    start integer not null,
    text text not null,
    constraint pieces_pkey primary key (message_id, is_thinking, start)
) strict, without rowid;
