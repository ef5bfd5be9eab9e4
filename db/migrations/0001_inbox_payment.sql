-- Our own id of the payment an event is about, where the gateway's object carries it: an event may name the payment otherwise than we do.
alter table inbox add column payment_id text;
create index inbox_names on inbox (gateway, payment_ref) where payment_id is not null;
