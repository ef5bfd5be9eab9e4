-- What customers' banks dispute, and the paper that answers them.
create table disputes (
  ref text primary key,
  booking_id text not null references bookings,
  payment_id text not null references payments,
  standing text not null check (standing in ('inquiry', 'open', 'won', 'lost', 'dropped')),
  wire_status text not null,
  reason text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null,
  fee_minor bigint,
  evidence_due_by timestamptz,
  opened_at timestamptz not null,
  turn integer not null check (turn > 0),
  -- Null until it was lost for the first time.
  of_stray boolean
);
create index disputes_by_booking on disputes (booking_id);
create index disputes_pending on disputes (evidence_due_by) where standing in ('inquiry', 'open');

insert into ledger_accounts (name) values ('dispute_losses');

alter table documents drop constraint documents_kind_check;
alter table documents add constraint documents_kind_check check (kind in ('voucher', 'receipt', 'evidence'));
