-- Comparisons of our books with those of gateways, suppliers and Temporal, and what they found.
create table recon_runs (
  id bigint generated always as identity primary key,
  scope text not null check (scope in ('recent', 'all')),
  started_at timestamptz not null,
  finished_at timestamptz,
  bookings integer not null default 0,
  payments integer not null default 0,
  supplier_orders integer not null default 0,
  -- What could not be read, and is therefore not proven.
  unread integer not null default 0
);

create table recon_findings (
  id bigint generated always as identity primary key,
  name text not null,
  kind text not null check (kind in ('missing_here', 'missing_there', 'amount_differs', 'stuck', 'orphan_workflow', 'orphan_row', 'ledger_unbalanced', 'invariant_broken')),
  invariant text not null,
  booking_id text references bookings,
  subject text not null,
  unexplained_minor bigint check (unexplained_minor >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  evidence jsonb not null,
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  -- When the booking's workflow was last told to read the payment again, and when it became a person's work.
  told_at timestamptz,
  reported_at timestamptz,
  closed_at timestamptz,
  closed_because text,
  check ((unexplained_minor is null) = (currency is null)),
  check ((closed_at is null) = (closed_because is null))
);
create unique index one_open_finding on recon_findings (name) where closed_at is null;
create index recon_findings_of_booking on recon_findings (booking_id) where closed_at is null;
create index recon_findings_by_age on recon_findings (opened_at desc);

-- What a supplier said is left of our balance, beside what our ledger had drawn in the same moment.
create table supplier_balances (
  supplier text primary key,
  reported_minor bigint not null,
  currency text not null,
  ledger_minor bigint not null,
  read_at timestamptz not null
);

create index bookings_by_change on bookings (updated_at);
