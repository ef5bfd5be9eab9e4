-- Each program asks at its start which master keys there must be: a look at each name, however many bookings there are.
create index booking_keys_in_use on booking_keys (master_key_id) where wrapped is not null;
