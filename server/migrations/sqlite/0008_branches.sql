-- Conversations with branches: which one is shown, and which messages follow the same one.

-- In a solo room: the message with which the branch ends that somebody chose, and the place in the log of the choice. It
-- is good until something is said after that place.
alter table rooms add column branch_id blob;
alter table rooms add column branch_seq integer not null default 0;
create index messages_parent_idx on messages (room_id, parent_id, seq);
