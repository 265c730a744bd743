-- How rooms have Kimi think, and what a run was told. `default`: as the model does by itself.
alter table rooms add column thinking text not null default 'default'
    constraint rooms_thinking_check check (thinking in ('default', 'off', 'low', 'medium', 'high', 'max'));
alter table runs add column effort text not null default 'default'
    constraint runs_effort_check check (effort in ('default', 'off', 'low', 'medium', 'high', 'max'));
-- How the thinking of replies begins for a user.
alter table users add column thinking_fold text not null default 'auto'
    constraint users_thinking_fold_check check (thinking_fold in ('auto', 'open', 'closed'));
-- The model that the room had chosen, where that was not there.
alter table runs add column instead_of text;
-- The tools that a run has used, in order, one a line.
alter table runs add column steps text not null default '';
