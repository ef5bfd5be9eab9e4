-- One shop with one currency: every amount here is in sen.
create table products (
  id text primary key,
  name text not null check (length(name) between 1 and 256),
  price_minor bigint not null check (price_minor between 0 and 99999999),
  currency text not null default 'MYR' check (currency = 'MYR'),
  -- Where it stands in the list.
  rank integer not null
);

-- What is added to or taken off a cart's price: a voucher by its code, the rest on every cart.
create table cart_rules (
  name text primary key,
  kind text not null check (kind in ('voucher', 'shipping', 'tax', 'fee')),
  percent text check (percent ~ '^\d{1,3}(\.\d{1,3})?$'),
  amount_minor bigint check (amount_minor between 0 and 99999999),
  valid_until timestamptz,
  constraint percent_or_amount check (num_nonnulls(percent, amount_minor) = 1),
  constraint vouchers_take_off_no_more_than_all check (kind <> 'voucher' or percent is null or percent::numeric <= 100),
  constraint vouchers_go_by_a_code check (kind <> 'voucher' or name ~ '^[A-Z0-9]{3,32}$'),
  constraint only_vouchers_end check (kind = 'voucher' or valid_until is null)
);

create table carts (
  -- Whoever knows it holds the cart, so nobody can guess it.
  id text primary key,
  version integer not null default 1 check (version > 0),
  currency text not null default 'MYR' check (currency = 'MYR'),
  owner_sub text,
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index carts_by_purchase on carts ((metadata -> 'payment_intent' ->> 'purchase_id'))
  where metadata -> 'payment_intent' ->> 'purchase_id' is not null;

create table cart_items (
  id text primary key,
  cart_id text not null references carts,
  product_id text not null references products,
  -- As they were when the product was last put in: a cart changes only with its version.
  name text not null,
  price_minor bigint not null check (price_minor >= 0),
  quantity integer not null constraint cart_items_quantity check (quantity between 1 and 999),
  position bigint not null generated always as identity,
  constraint one_line_per_product unique (cart_id, product_id)
);

create table cart_conditions (
  cart_id text not null references carts,
  -- Copied from its rule: what a cart was promised stays when the rule changes or ends.
  name text not null references cart_rules,
  kind text not null check (kind in ('voucher', 'shipping', 'tax', 'fee')),
  percent text check (percent ~ '^\d{1,3}(\.\d{1,3})?$'),
  amount_minor bigint check (amount_minor >= 0),
  primary key (cart_id, name),
  constraint percent_or_amount check (num_nonnulls(percent, amount_minor) = 1)
);

insert into products (id, name, price_minor, rank) values
  ('batik-tote', 'Batik tote bag', 4500, 1),
  ('kopi-blend', 'Kopitiam blend coffee, 500 g', 3350, 2),
  ('pandan-candle', 'Pandan candle', 2890, 3),
  ('enamel-mug', 'Enamel mug, hand painted', 1990, 4),
  ('songket-scarf', 'Songket scarf', 15900, 5);

-- A tote and two bags of coffee are 112.00; with these they come to 129.00.
insert into cart_rules (name, kind, percent, amount_minor) values
  ('Shipping', 'shipping', null, 1000),
  ('Sales tax', 'tax', '5', null),
  ('Packing', 'fee', null, 140);

insert into cart_rules (name, kind, percent, amount_minor, valid_until) values
  ('WELCOME10', 'voucher', '10', null, null),
  ('RM15OFF', 'voucher', null, 1500, null),
  ('MERDEKA24', 'voucher', '20', null, '2024-09-16T00:00:00Z');
