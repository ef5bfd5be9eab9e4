-- What a database can promise stands here as a constraint; code only decides what to write.

create table booking_keys (
  key_id text primary key,
  master_key_id text not null,
  wrapped bytea,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  check ((wrapped is null) = (destroyed_at is not null))
);

create table bookings (
  id text primary key,
  number text not null unique,
  storefront text not null check (storefront in ('trektoo', 'cart', 'dreamscape', 'travello', 'airport')),
  external_id text not null,
  body_hash text not null,
  kind text not null,
  owner_sub text not null,
  mail_hash text,
  phase text not null default 'awaiting_payment' check (phase in ('awaiting_payment', 'processing', 'confirming', 'confirmed', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded')),
  attention jsonb,
  status text generated always as (case when attention is null then phase else 'needs_attention' end) stored,
  charge_minor bigint not null check (charge_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  net_minor bigint,
  net_currency text,
  fx_rate text,
  fx_source text,
  fx_at timestamptz,
  captured_minor bigint not null default 0 check (captured_minor >= 0),
  refunded_minor bigint not null default 0 check (refunded_minor >= 0),
  reserved_minor bigint not null default 0 check (reserved_minor >= 0),
  disputed_minor bigint not null default 0 check (disputed_minor >= 0),
  over_returned_minor bigint not null default 0 check (over_returned_minor >= 0),
  fees_minor bigint not null default 0,
  service_at timestamptz,
  service_local text,
  service_zone text,
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  attempt integer not null default 1 check (attempt > 0),
  product jsonb not null,
  version integer not null default 0,
  workflow_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (storefront, external_id),
  constraint never_returns_more_than_captured
    check (refunded_minor + reserved_minor + disputed_minor <= captured_minor + over_returned_minor),
  -- Confirmed means money was taken; pay-on-arrival bookings carry their own kind.
  constraint confirmed_is_paid
    check (phase not in ('confirming', 'confirmed', 'partially_refunded') or captured_minor > 0 or kind = 'on_arrival')
);
create index bookings_by_status on bookings (status, created_at desc);
create index bookings_by_owner on bookings (storefront, owner_sub, created_at desc);
create index bookings_by_age on bookings (created_at desc, id desc);
create index bookings_by_mail on bookings (mail_hash) where mail_hash is not null;
create index bookings_unstarted on bookings (created_at) where workflow_seen_at is null;

create table travellers (
  booking_id text primary key references bookings,
  sealed bytea not null
);

create table payments (
  id text primary key,
  booking_id text not null references bookings,
  attempt integer not null,
  gateway text not null,
  ref text,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  status text not null,
  live boolean generated always as (status in ('opening', 'requires_payment_method', 'requires_action', 'processing', 'authorised')) stored,
  wire_status text not null,
  declines integer not null default 0,
  last_decline jsonb,
  method jsonb,
  captured_minor bigint not null default 0,
  fee_minor bigint,
  captured_at timestamptz,
  of_earlier_trip boolean not null default false,
  sealed_secret bytea,
  redirect_url text,
  created_at timestamptz not null default now(),
  unique (booking_id, attempt),
  unique (gateway, ref),
  constraint captures_what_was_asked check (captured_minor <= amount_minor)
);
create unique index one_live_payment on payments (booking_id) where live;

create table refunds (
  id text primary key,
  booking_id text not null references bookings,
  payment_id text not null references payments,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  status text not null check (status in ('awaiting_approval', 'pending', 'succeeded', 'failed', 'unknown')),
  cause text not null check (cause in ('staff', 'cancellation', 'compensation', 'duplicate', 'late')),
  reason text not null,
  actor text not null,
  ref text,
  failure text,
  requested_at timestamptz not null,
  called_at timestamptz
);
create index refunds_by_booking on refunds (booking_id);

create table supplier_orders (
  id text primary key,
  booking_id text not null references bookings,
  supplier text not null,
  generation integer not null,
  our_ref text not null,
  order_no text,
  status text not null,
  net_minor bigint not null,
  net_currency text not null,
  paid_minor bigint not null default 0 check (paid_minor >= 0),
  returned_minor bigint not null default 0 check (returned_minor >= 0 and returned_minor <= paid_minor),
  pay_by timestamptz,
  -- When a call that moves something was last begun, when it is known to have ended, and how often
  -- a look-up since then came back empty: together they are the proof that it may be repeated.
  place_called_at timestamptz,
  place_ended_at timestamptz,
  place_absences integer not null default 0,
  pay_called_at timestamptz,
  pay_ended_at timestamptz,
  cancel_called_at timestamptz,
  unique (booking_id, generation),
  unique (supplier, our_ref),
  unique (supplier, order_no)
);
-- One paid order at a time: the next generation needs the one before given back.
create unique index one_supplier_order_alive on supplier_orders (booking_id)
  where status in ('placing', 'unpaid', 'pending', 'confirmed', 'unknown');

create table vouchers (
  booking_id text not null references bookings,
  number integer not null,
  status text not null check (status in ('pending', 'ready', 'void')),
  codes jsonb not null,
  booking_ref text not null,
  url text,
  primary key (booking_id, number)
);
create index vouchers_by_code on vouchers using gin (codes jsonb_path_ops);

create table documents (
  id text primary key,
  booking_id text not null references bookings,
  kind text not null check (kind in ('voucher', 'receipt')),
  number integer not null,
  version integer not null,
  sealed bytea not null,
  sha256 text not null,
  created_at timestamptz not null default now(),
  unique (booking_id, kind, number, version)
);

create table booking_events (
  booking_id text not null references bookings,
  seq integer not null,
  key text not null,
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (booking_id, seq),
  unique (booking_id, key)
);

create table ledger_accounts (
  name text primary key
);
insert into ledger_accounts (name) values
  ('customer_receivable'), ('gateway_clearing'), ('gateway_fees'), ('supplier_balance'), ('supplier_payable'),
  ('supplier_penalties'), ('revenue'), ('refunds_payable'), ('disputes'), ('fx');

create table ledger_transactions (
  id bigint generated always as identity primary key,
  booking_id text not null,
  seq integer not null,
  at timestamptz not null default now(),
  unique (booking_id, seq),
  foreign key (booking_id, seq) references booking_events
);

create table ledger_postings (
  id bigint generated always as identity primary key,
  transaction_id bigint not null references ledger_transactions,
  account text not null references ledger_accounts,
  party text not null,
  minor bigint not null check (minor <> 0),
  currency text not null
);
create index postings_by_transaction on ledger_postings (transaction_id);
create index postings_by_account on ledger_postings (account, currency);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on booking_events for each row execute function refuse_change();
create trigger append_only before update or delete on ledger_transactions for each row execute function refuse_change();
create trigger append_only before update or delete on ledger_postings for each row execute function refuse_change();
create trigger never_emptied before truncate on booking_events for each statement execute function refuse_change();
create trigger never_emptied before truncate on ledger_transactions for each statement execute function refuse_change();
create trigger never_emptied before truncate on ledger_postings for each statement execute function refuse_change();

create function ledger_balances() returns trigger language plpgsql as $$
declare off record;
begin
  select currency, sum(minor) as rest into off from ledger_postings
    where transaction_id = new.transaction_id group by currency having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'ledger transaction % is off by % %', new.transaction_id, off.rest, off.currency using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger sums_to_zero after insert on ledger_postings
  deferrable initially deferred for each row execute function ledger_balances();

create table inbox (
  id bigint generated always as identity primary key,
  gateway text not null,
  channel text not null,
  event_id text,
  type text,
  payment_ref text,
  object_ref text,
  effect text,
  booking_id text,
  verdict text not null check (verdict in ('verified', 'rejected')),
  state text not null check (state in ('pending', 'handled', 'parked', 'ignored', 'failed')),
  raw bytea not null,
  headers jsonb not null,
  body_sha256 text not null,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  received_at timestamptz not null default now(),
  handled_at timestamptz,
  -- Staff asked for it again: deliver it even if its effect was handled before.
  replayed_at timestamptz,
  error text
);
create unique index inbox_once on inbox (gateway, channel, event_id) where verdict = 'verified';
create index inbox_due on inbox (next_at) where state in ('pending', 'parked', 'failed');
create index inbox_by_age on inbox (received_at desc);
create index inbox_by_booking on inbox (booking_id) where booking_id is not null;
create index inbox_effects on inbox (gateway, object_ref, effect) where state = 'handled';
create index inbox_rejected on inbox (received_at) where verdict = 'rejected';

create table outbox (
  id bigint generated always as identity primary key,
  booking_id text not null references bookings,
  topic text not null,
  key text not null,
  seq integer not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  attempts integer not null default 0,
  sent_at timestamptz,
  error text,
  unique (key, seq)
);
create index outbox_due on outbox (id) where sent_at is null;

create table notices (
  id bigint generated always as identity primary key,
  -- Null: it concerns the house, not a booking; detail then holds what the letter says.
  booking_id text references bookings,
  detail jsonb,
  kind text not null,
  version text not null,
  audience text not null check (audience in ('customer', 'staff')),
  state text not null default 'pending' check (state in ('pending', 'sent', 'refused')),
  created_at timestamptz not null default now(),
  next_at timestamptz not null default now(),
  attempts integer not null default 0,
  sent_at timestamptz,
  error text,
  unique nulls not distinct (booking_id, kind, version)
);
create index notices_due on notices (next_at) where state = 'pending';

create table idempotency (
  scope text primary key,
  body_hash text not null,
  booking_id text,
  status integer,
  sealed_body bytea,
  -- Until then somebody is at work on the answer; later the next one may try.
  claimed_until timestamptz not null,
  created_at timestamptz not null default now()
);
create index idempotency_by_age on idempotency (created_at);

create table late_payments (
  payment_ref text primary key,
  gateway text not null,
  booking_id text not null references bookings,
  claimed_at timestamptz not null default now()
);

create table cancel_quotes (
  id text primary key,
  booking_id text not null references bookings,
  refund_minor bigint not null,
  keep_minor bigint not null,
  currency text not null,
  reason text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- What the booking was told to give back: null when it was asked before payment.
  told_refund_minor bigint,
  check (told_refund_minor is null or used_at is not null)
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  role text not null,
  action text not null,
  booking_id text,
  detail jsonb not null default '{}',
  -- What they said in their own words, which may name anybody: readable for as long as the booking's key is there.
  sealed_words bytea
);
create index audit_by_booking on audit (booking_id, at);

create table work_items (
  id bigint generated always as identity primary key,
  booking_id text,
  kind text not null,
  subject text not null,
  reason text not null,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  unique (kind, subject)
);
