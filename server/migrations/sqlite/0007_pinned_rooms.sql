-- Rooms that a member keeps at the top of their list.
alter table members add column is_pinned integer not null default 0;
