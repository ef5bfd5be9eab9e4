// Whether rows and ledger are what the facts make of them: told once more from the beginning, they must come out the same.
import type { Booking, RefundStatus } from './booking.ts';
import { evolve } from './evolve.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import type { BookingFacts } from './judge-booking.ts';
import type { Report } from './judging.ts';
import { postingsFor } from './ledger.ts';
import type { Posting } from './ledger.ts';
import { money } from './money.ts';
import { mayMove } from './transitions.ts';

const NOTHING = {
  version: 0,
  phase: 'awaiting_payment',
  attention: null,
  sums: { capturedMinor: 0, refundedMinor: 0, reservedMinor: 0, disputedMinor: 0, overReturnedMinor: 0, feesMinor: 0 },
  payments: [],
  supplierOrders: [],
  refunds: [],
  disputes: [],
  vouchers: [],
  confirmedAt: null,
} as const satisfies Partial<Booking>;

export function judgeHistory({ booking, events, postings }: BookingFacts, report: Report): void {
  const told = retold(booking, events);
  if (told.kind === 'impossible') return report('I-8', { subject: 'facts', evidence: { reason: told.reason } });
  const off = Object.entries(outlineOf(told.booking)).filter(([part, text]) => outlineOf(booking)[part] !== text);
  if (off.length > 0) {
    const evidence = Object.fromEntries(off.map(([part, text]) => [part, `${outlineOf(booking)[part]}, not ${text}`]));
    report('I-8', { subject: 'rows', evidence });
  }
  judgeLedger(balancesOf(postings), balancesOf(told.postings), report);
}

type Retold = { kind: 'told'; booking: Booking; postings: readonly Posting[] } | { kind: 'impossible'; reason: string };

function retold(known: Booking, events: BookingFacts['events']): Retold {
  let booking: Booking = { ...known, ...NOTHING };
  const postings: Posting[] = [];
  for (const { event, at } of events) {
    const before = booking;
    try {
      booking = evolve(before, event, at);
      postings.push(...postingsFor(event, before));
    } catch (error) {
      if (!(error instanceof ImpossibleFact)) throw error;
      return { kind: 'impossible', reason: error.message };
    }
    if (!mayMove(known.storefront, before.phase, booking.phase))
      return { kind: 'impossible', reason: `${event.type} leads from ${before.phase} to ${booking.phase}` };
  }
  return { kind: 'told', booking, postings };
}

/** Everything that money or a decision depends on, as text. */
function outlineOf(booking: Booking): Readonly<Record<string, string>> {
  const { version, phase, charge, sums, payments, supplierOrders, refunds, disputes, vouchers } = booking;
  return {
    version: String(version),
    phase,
    attention: booking.attention?.id ?? 'none',
    charge: `${charge.minor} ${charge.currency}`,
    ...outlines('sum', Object.entries(sums), (sum) => sum),
    confirmed: String(booking.confirmedAt !== null),
    ...outlines('payment', payments, (p) => [
      p.id,
      p.status,
      p.amount.minor,
      p.amount.currency,
      p.capturedMinor,
      p.feeMinor,
    ]),
    ...outlines('order', supplierOrders, (o) => [o.id, o.status, o.ourRef, o.orderNo, o.paidMinor, o.returnedMinor]),
    ...outlines('refund', refunds, (r) => [r.id, factOf(r.status), r.amount.minor, r.amount.currency, r.paymentId]),
    ...outlines('dispute', disputes, (d) => [d.ref, d.standing, d.amount.minor, d.paymentId]),
    ...outlines('voucher', vouchers, (v) => [v.number, v.status]),
  };
}

/** That the gateway's answer was lost is no fact: it is noted beside the refund until the gateway can be asked. */
const factOf = (status: RefundStatus): RefundStatus => (status === 'unknown' ? 'pending' : status);

/** In no order: rows of the same moment come back in another than they were written in. */
function outlines<Row>(
  name: string,
  rows: readonly Row[],
  of: (row: Row) => readonly (string | number | null)[],
): Readonly<Record<string, string>> {
  return {
    [`${name}s`]: rows
      .map((row) => of(row).join(' '))
      .toSorted()
      .join('; '),
  };
}

export type Balances = ReadonlyMap<string, { readonly minor: number; readonly currency: string }>;

export function balancesOf(postings: readonly Posting[]): Balances {
  const balances = new Map<string, { minor: number; currency: string }>();
  for (const { account, party, currency, minor } of postings) {
    const key = [account, party, currency].filter(Boolean).join(' ');
    balances.set(key, { minor: (balances.get(key)?.minor ?? 0) + minor, currency });
  }
  return balances;
}

function judgeLedger(written: Balances, demanded: Balances, report: Report): void {
  const currencies = new Set([...written.values()].map(({ currency }) => currency));
  for (const currency of currencies) {
    const rest = [...written.values()].reduce((sum, each) => sum + (each.currency === currency ? each.minor : 0), 0);
    if (rest === 0) continue;
    const unexplained = money(Math.abs(rest), currency);
    report('I-14', { kind: 'ledger_unbalanced', subject: `ledger ${currency}`, unexplained, evidence: { rest } });
  }
  for (const account of new Set([...written.keys(), ...demanded.keys()])) {
    const [has, wants] = [written.get(account)?.minor ?? 0, demanded.get(account)?.minor ?? 0];
    const currency = (written.get(account) ?? demanded.get(account))?.currency;
    if (has === wants || !currency) continue;
    const unexplained = money(Math.abs(has - wants), currency);
    report('I-14', {
      kind: 'amount_differs',
      subject: account,
      unexplained,
      evidence: { written: has, demanded: wants },
    });
  }
}
