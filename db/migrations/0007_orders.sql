-- What paid carts became. Unit prices are those of the snapshot that was paid, whatever the catalogue says today.
create table orders (
  order_number text primary key,
  booking_id text not null unique references bookings,
  cart_id text not null,
  status text not null check (status in ('pending', 'completed', 'partially_refunded', 'refunded', 'cancelled')),
  total_minor bigint not null check (total_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  snapshot jsonb not null,
  created_at timestamptz not null
);
create index orders_of_cart on orders (cart_id);

create table order_items (
  order_number text not null references orders,
  position integer not null check (position > 0),
  product_id text not null,
  name text not null,
  quantity integer not null check (quantity > 0),
  unit_minor bigint not null check (unit_minor >= 0),
  primary key (order_number, position)
);

create table order_status_history (
  order_number text not null references orders,
  seq integer not null check (seq > 0),
  status text not null check (status in ('pending', 'completed', 'partially_refunded', 'refunded', 'cancelled')),
  note text not null,
  at timestamptz not null,
  primary key (order_number, seq)
);

-- How the customer left the gateway's page last without paying.
alter table payments add column abandoned jsonb;

-- Bookings go by the cart they were made from: the newest first.
create index bookings_of_cart on bookings ((product #>> '{order,cartId}'), created_at desc) where storefront = 'cart';
