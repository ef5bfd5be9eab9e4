-- What the gateway said of a payment, word for word, whenever we learned something from it: the proof of each fact. Sealed with
-- the booking's key, for it names the customer.
create table payment_answers (
  payment_id text not null references payments,
  booking_version integer not null check (booking_version > 0),
  booking_id text not null references bookings,
  wire_status text not null,
  sealed bytea not null,
  read_at timestamptz not null default now(),
  primary key (payment_id, booking_version)
);
create index payment_answers_of_booking on payment_answers (booking_id, booking_version);
