-- Webhooks name people. Their bodies are sealed from here on, and cut once they are old or their person is erased; what lay here
-- in clear goes now: it was a hint, and what was learned from it stands elsewhere.
alter table inbox rename column raw to sealed;
alter table inbox alter column sealed drop not null;
update inbox set sealed = null;
create index inbox_bodies on inbox (received_at) where sealed is not null;
create index inbox_by_payment on inbox (payment_ref) where payment_ref is not null;

-- Who asked to be forgotten, booking by booking: some have to wait until nobody needs to know the person any more.
create table erasures (
  booking_id text primary key references bookings,
  asked_by text not null,
  asked_at timestamptz not null default now(),
  -- Nothing of ours can be read any more that names the person.
  erased_at timestamptz,
  -- The booking's workflow is over, and with the key old copies of what was sealed cannot be read either.
  key_destroyed_at timestamptz,
  check (key_destroyed_at is null or erased_at is not null)
);
create index erasures_under_way on erasures (asked_at) where key_destroyed_at is null;
