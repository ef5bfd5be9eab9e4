-- Up to which of its facts an answer to Temporal has told a booking. What there was before was told by the answers of its day.
alter table bookings add column told_seq integer not null default 0;
update bookings set told_seq = version;
