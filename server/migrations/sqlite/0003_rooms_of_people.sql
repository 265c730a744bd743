-- Rooms of people and Kimi: what a room is like, how far each member has read, and what became of messages.

-- When the account was last connected.
alter table users add column seen_at integer;
-- People are added to rooms by their names.
create index users_name_idx on users (lower(name));

alter table rooms add column topic text not null default '';
alter table rooms add column kimi text not null default 'always'
    constraint rooms_kimi_check check (kimi in ('always', 'mentioned', 'silent'));
-- Empty: the server's choice.
alter table rooms add column model text not null default '';
alter table rooms add column instructions text not null default '';
alter table rooms add column is_archived integer not null default 0;
-- Of a direct room both of its people, the smaller identifier first; gone when one of them leaves.
alter table rooms add column pair blob;
create unique index rooms_pair_idx on rooms (pair) where pair is not null;

-- The place in the room's log up to which the member has read, and what of others lies beyond it.
alter table members add column read_seq integer not null default 0;
alter table members add column unread integer not null default 0;
alter table members add column mentions integer not null default 0;
alter table members add column notify text not null default 'mentions'
    constraint members_notify_check check (notify in ('all', 'mentions', 'none'));
update members set read_seq = coalesce((select head from logs where logs.id = members.room_id), 0);

-- The message that this one answers, as its author chose.
alter table messages add column reply_to blob;
alter table messages add column edited_at integer;
-- The editor's name, where it is not the author.
alter table messages add column edited_by text;
alter table messages add column deleted_at integer;
alter table messages add column pinned_at integer;
-- To jump to a date.
create index messages_room_created_idx on messages (room_id, created_at);
create index messages_pinned_idx on messages (room_id, pinned_at) where pinned_at is not null;

-- What a message said before it was edited or deleted, and until when.
create table revisions (
    message_id blob not null constraint revisions_message_fkey references messages (id) on delete cascade,
    until integer not null,
    text text not null,
    constraint revisions_pkey primary key (message_id, until)
) strict, without rowid;

create table mentions (
    user_id blob not null constraint mentions_user_fkey references users (id) on delete cascade,
    room_id blob not null,
    -- Of the message.
    seq integer not null,
    message_id blob not null constraint mentions_message_fkey references messages (id) on delete cascade,
    constraint mentions_pkey primary key (user_id, room_id, seq)
) strict, without rowid;
create index mentions_message_idx on mentions (message_id);

create table reactions (
    message_id blob not null constraint reactions_message_fkey references messages (id) on delete cascade,
    emoji text not null,
    user_id blob not null constraint reactions_user_fkey references users (id) on delete cascade,
    created_at integer not null,
    constraint reactions_pkey primary key (message_id, emoji, user_id)
) strict, without rowid;
create index reactions_user_idx on reactions (user_id);

create table invites (
    -- The secret of the link; kept as it is, so that an admin can copy the link again.
    id blob not null primary key,
    room_id blob not null constraint invites_room_fkey references rooms (id) on delete cascade,
    role text not null constraint invites_role_check check (role in ('admin', 'member', 'guest')),
    -- By name.
    created_by text not null,
    created_at integer not null,
    expires_at integer not null,
    -- How many more people may use it; null: any number.
    uses_left integer
) strict, without rowid;
create index invites_room_idx on invites (room_id);

-- The room of a run, so that those that wait in a room are found without reading its messages.
alter table runs add column room_id blob;
-- The place in the room's log of the event that queued it, at first or to go on: in this order they have their turns.
alter table runs add column queued_seq integer not null default 0;
update runs set (room_id, queued_seq) = (select room_id, seq from messages where messages.id = runs.message_id);
create index runs_room_idx on runs (room_id) where ended_at is null;
-- The last place in the room's log that its question has, fixed when it is first asked, so that every try asks the same.
alter table runs add column context_seq integer;
alter table runs add column tool text;

-- Every command that is not harmless when it is done twice is noted here in the transaction of its effect.
create table noted_commands (
    user_id blob not null constraint noted_commands_user_fkey references users (id) on delete cascade,
    room_id blob not null,
    id blob not null,
    created_at integer not null,
    constraint noted_commands_pkey primary key (user_id, room_id, id)
) strict, without rowid;
insert into noted_commands (user_id, room_id, id, created_at)
    select user_id, room_id, id, cast(unixepoch('subsec') * 1000 as integer) from commands;
drop table commands;
-- Old ones are forgotten.
create index noted_commands_created_idx on noted_commands (created_at);
