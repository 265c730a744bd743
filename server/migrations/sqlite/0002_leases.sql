-- A run outlives the process that wrote it: its lease expires, and whoever finds that takes the run over.
-- The process that holds the lease; it renews all of its leases with one statement.
alter table runs add column node integer not null default 0;
-- By the clock of the database. 0: free at once.
alter table runs add column lease_until integer not null default 0;
-- How often the model was asked again because its stream broke, and how often the run changed hands.
alter table runs add column heals integer not null default 0;
alter table runs add column take_overs integer not null default 0;

drop index runs_unfinished_idx;
create index runs_lease_until_idx on runs (lease_until) where ended_at is null;
create index runs_node_idx on runs (node) where ended_at is null;

-- The commands that made a reply without making a member's message (retry, continue): each has its effect once. A
-- member's message carries the identifier of its command itself.
create table commands (
    user_id blob not null constraint commands_user_fkey references users (id) on delete cascade,
    room_id blob not null,
    id blob not null,
    message_id blob not null constraint commands_message_fkey references messages (id) on delete cascade,
    constraint commands_pkey primary key (user_id, room_id, id)
) strict, without rowid;
create index commands_message_idx on commands (message_id);
