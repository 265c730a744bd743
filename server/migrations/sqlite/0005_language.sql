-- The language that somebody has chosen, by its tag; null: what the browser asks for.
alter table users add column language text;
