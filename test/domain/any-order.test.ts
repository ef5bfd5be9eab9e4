// I-9 over the pure core: whatever is seen of a payment, however often and in whatever order reads come back, once its last
// state is seen the books say the same.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Booking } from '../../domain/booking.ts';
import { disputesLearned } from '../../domain/dispute-facts.ts';
import { factsLearned } from '../../domain/payment-facts.ts';
import { money } from '../../domain/money.ts';
import type { DisputeRead, DisputeStanding, PaymentFact } from '../../domain/payment.ts';
import { ONE_SEED } from '../one-seed.ts';
import { beginning, record } from './life.ts';
import type { Life } from './life.ts';
import { AT, facts, newBooking, succeeded } from './sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const UNPAID = succeeded({
  status: 'requires_payment_method',
  wireStatus: 'requires_payment_method',
  captured: null,
  capturedAt: null,
  fee: null,
});
const TAKEN = succeeded({ fee: null, method: { type: 'card', brand: 'visa', last4: '4242' } });

const declined = (n: number): PaymentFact => ({
  ...UNPAID,
  decline: { id: `ch_${n}`, code: 'card_declined', declineCode: null, message: 'Your card was declined.' },
});
const onItsWay = (status: 'requires_action' | 'processing', before: PaymentFact): PaymentFact => ({
  ...before,
  status,
  wireStatus: status,
});
const disputed = (standing: DisputeStanding, minor: number): DisputeRead => ({
  ref: 'du_1',
  standing,
  wireStatus: standing,
  reason: 'fraudulent',
  amount: HKD(minor),
  fee: HKD(1_500),
  evidenceDueBy: null,
  openedAt: AT,
});

/** What a bank does with a payment, in its order. */
const CASES: readonly (readonly DisputeStanding[])[] = [
  [],
  ['inquiry'],
  ['inquiry', 'dropped'],
  ['open'],
  ['open', 'won'],
  ['open', 'lost'],
  ['inquiry', 'open', 'lost'],
  ['inquiry', 'open', 'won'],
];

/** The states of one payment as its gateway went through them. */
const lives = fc
  .record({
    declines: fc.nat({ max: 3 }),
    steps: fc.subarray(['requires_action', 'processing'] as const),
    end: fc.constantFrom('succeeded' as const, 'cancelled' as const),
    feeLater: fc.boolean(),
    dispute: fc.constantFrom(...CASES),
    disputedMinor: fc.constantFrom(10_000, 2_500),
  })
  .map(({ declines, steps, end, feeLater, dispute, disputedMinor }): readonly PaymentFact[] => {
    const tried = [UNPAID, ...Array.from({ length: declines }, (_, n) => declined(n + 1))];
    const last = tried.at(-1) ?? UNPAID;
    const before = [...tried, ...steps.map((status) => onItsWay(status, last))];
    if (end === 'cancelled') return [...before, { ...last, status: 'cancelled', wireStatus: 'canceled' }];
    const paid = { ...TAKEN, fee: HKD(380) };
    const taken = feeLater ? [TAKEN, paid] : [paid];
    const cases = dispute.map((standing) => ({ ...paid, disputes: [disputed(standing, disputedMinor)] }));
    return [...before, ...taken, ...cases];
  });

/** Any number of reads of any of its states, in any order; the last of all is of the last state. */
const readings = lives.chain((states) =>
  fc.array(fc.nat({ max: states.length - 1 }), { maxLength: 12 }).map((picks) => ({ states, picks })),
);

function learned(reads: readonly PaymentFact[]): Life {
  const life = beginning(newBooking());
  record(life, [facts.opened(1)]);
  for (const read of reads) {
    const [payment] = life.booking.payments;
    if (!payment) throw new Error('nothing was opened');
    record(life, factsLearned(payment, read));
    const [now = payment] = life.booking.payments;
    record(life, disputesLearned(life.booking, now, read));
  }
  return life;
}

/** Without the way it came there: which refusals were seen, and how often a dispute was heard of. */
function booksOf({ booking, steps }: Life) {
  const accounts: Record<string, number> = {};
  for (const { account, party, minor, currency } of steps.flatMap(({ postings }) => postings)) {
    const name = `${account} ${party ?? ''} ${currency}`;
    accounts[name] = (accounts[name] ?? 0) + minor;
  }
  const left = Object.fromEntries(Object.entries(accounts).filter(([, minor]) => minor !== 0));
  return {
    phase: phaseOf(booking),
    sums: booking.sums,
    left,
    payments: paymentsOf(booking),
    disputes: disputesOf(booking),
  };
}
/** How a booking ends that nobody paid for, its workflow says. */
const phaseOf = ({ phase }: Booking) => (phase === 'processing' ? 'awaiting_payment' : phase);
const paymentsOf = ({ payments }: Booking) =>
  payments.map(({ id, status, capturedMinor, feeMinor, capturedAt }) => ({
    id,
    status,
    capturedMinor,
    feeMinor,
    capturedAt,
  }));
const disputesOf = ({ disputes }: Booking) =>
  disputes.map(({ ref, standing, amount, fee }) => ({ ref, standing, amount, fee }));

it(
  'a payment ends in the books as it ended at its gateway, whatever was read before, how often and in what order',
  ONE_SEED,
  () => {
    fc.assert(
      fc.property(readings, ({ states, picks }) => {
        const last = states.slice(-1);
        const seen = picks.flatMap((index) => states[index] ?? []);
        expect(booksOf(learned([...seen, ...last]))).toEqual(booksOf(learned(states)));
        expect(booksOf(learned(last))).toEqual(booksOf(learned(states)));
      }),
      { numRuns: 2_000 },
    );
  },
);
