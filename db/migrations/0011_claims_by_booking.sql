-- A booking's claims go with its first fact into its history, from where they are rebuilt when this database is lost.
create index idempotency_by_booking on idempotency (booking_id) where booking_id is not null;
