-- Money may be held until the supplier has confirmed: held_until is the last moment to take it.
alter table payments add column held_at timestamptz, add column held_until timestamptz;
-- For the trip a hold counts as paid; nothing is confirmed before it was taken.
alter table bookings drop constraint confirmed_is_paid;
alter table bookings add constraint confirmed_is_paid check (
  phase not in ('confirming', 'confirmed', 'partially_refunded') or captured_minor > 0 or kind = 'on_arrival'
  or (phase = 'confirming' and product ->> 'captureWhen' is not distinct from 'after_supplier')
);
