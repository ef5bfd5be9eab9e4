create table hotels (
  id integer primary key,
  name text not null,
  -- IANA; a stay begins and ends by the hotel's clock.
  timezone text not null
);

create table rooms (
  id integer primary key,
  hotel_id integer not null references hotels,
  name text not null,
  price_minor bigint not null check (price_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  capacity integer not null check (capacity > 0)
);
create index rooms_of_hotel on rooms (hotel_id);

insert into hotels (id, name, timezone) values
  (1, 'Shalimar Garden Hotel, Lahore', 'Asia/Karachi'),
  (2, 'Clifton Bay Hotel, Karachi', 'Asia/Karachi'),
  (3, 'Bosphorus Terrace, Istanbul', 'Europe/Istanbul'),
  (4, 'Marina Crescent, Dubai', 'Asia/Dubai'),
  (5, 'Kamo River Inn, Kyoto', 'Asia/Tokyo'),
  (6, 'Pearl Gulf Hotel, Kuwait City', 'Asia/Kuwait');

insert into rooms (id, hotel_id, name, price_minor, currency, capacity) values
  (1, 1, 'Garden double', 1000000, 'PKR', 2),
  (2, 1, 'Family suite', 2450000, 'PKR', 5),
  (3, 2, 'Sea view double', 1850000, 'PKR', 2),
  (4, 2, 'Single', 820000, 'PKR', 1),
  (5, 3, 'Terrace double', 9500, 'EUR', 2),
  (6, 3, 'Family room', 14050, 'EUR', 4),
  (7, 4, 'Marina double', 42000, 'AED', 2),
  (8, 4, 'Two-bedroom apartment', 16000, 'USD', 4),
  (9, 5, 'Tatami room', 18000, 'JPY', 3),
  (10, 6, 'Gulf double', 32500, 'KWD', 2);

-- On one wire bookings and payments go by whole numbers. A number once taken is never given again; gaps mean nothing.
create sequence travello_booking_ids;
alter table payments add column serial bigint not null generated always as identity;
create unique index payments_by_serial on payments (serial);
