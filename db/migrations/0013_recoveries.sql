-- Rebuildings of these books from what others know. One that was broken off is taken up again as it had begun: what it had put back
-- already makes the books look younger than they are.
create table recoveries (
  id bigint generated always as identity primary key,
  since timestamptz not null,
  begun_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index one_recovery_under_way on recoveries ((true)) where finished_at is null;
