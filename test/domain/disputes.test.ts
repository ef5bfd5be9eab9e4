import { describe, expect, it } from 'vitest';
import { refundableMinor } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import { disputesLearned } from '../../domain/dispute-facts.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { ImpossibleFact } from '../../domain/impossible-fact.ts';
import { profitOf, resultOf } from '../../domain/ledger.ts';
import type { Account } from '../../domain/ledger.ts';
import { money } from '../../domain/money.ts';
import type { DisputeRead, PaymentFact } from '../../domain/payment.ts';
import {
  after,
  AT,
  balanceOf,
  CONFIRMED,
  facts,
  newBooking,
  PAID,
  paymentNamed,
  postingsOf,
} from './sample-booking.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const opened = facts.disputed();
const won = facts.disputed(2, { standing: 'won' });
const lost = facts.disputed(2, { standing: 'lost' });
const half = { amount: HKD(4_000) };
const returned = [facts.refundAsked(1, 10_000), facts.refundSucceeded(1)];

const onAccounts = (events: readonly BookingEvent[], ...accounts: Account[]): number[] =>
  accounts.map((account) => balanceOf(postingsOf(events), account));

describe('a dispute', () => {
  it('that is open keeps the money with the bank, and costs its fee', () => {
    const { sums, phase } = after([...CONFIRMED, opened]);
    expect(sums).toMatchObject({ disputedMinor: 10_000, overReturnedMinor: 0, feesMinor: 1_880 });
    expect(phase).toBe('confirmed');
    const events = [...CONFIRMED, opened];
    expect(onAccounts(events, 'disputes', 'gateway_clearing', 'gateway_fees')).toEqual([10_000, -1_880, 1_880]);
    expect(profitOf(after(events)).minor).toBe(1_620 - 1_500);
  });

  it('that is won brings the money back, not the fee', () => {
    const events = [...CONFIRMED, opened, won];
    expect(after(events).sums).toMatchObject({ disputedMinor: 0, feesMinor: 1_880 });
    expect(onAccounts(events, 'disputes', 'dispute_losses', 'gateway_clearing')).toEqual([0, 0, 8_120]);
  });

  it('that is lost is a loss of ours, and the trip stays what it was', () => {
    const events = [...CONFIRMED, opened, lost];
    expect(after(events)).toMatchObject({ phase: 'confirmed', sums: { disputedMinor: 10_000 } });
    expect(onAccounts(events, 'disputes', 'dispute_losses')).toEqual([0, 10_000]);
    expect(profitOf(after(events)).minor).toBe(1_620 - 1_500 - 10_000);
  });

  it('that is lost in part, with the rest given back by us, leaves no trip', () => {
    const part = facts.disputed(2, { standing: 'lost', ...half });
    const events = [...CONFIRMED, facts.disputed(1, half), part, facts.refundAsked(1, 6_000)];
    expect(after([...events, facts.refundSucceeded(1)]).phase).toBe('refunded');
    const less = [...CONFIRMED, facts.disputed(1, half), part, facts.refundAsked(1, 5_999)];
    expect(after([...less, facts.refundSucceeded(1)]).phase).toBe('partially_refunded');
  });

  it('that is lost before the trip was confirmed is no loss: we owe the customer less', () => {
    const events = [...PAID, opened, lost];
    expect(onAccounts(events, 'customer_receivable', 'dispute_losses', 'disputes')).toEqual([0, 0, 0]);
    expect(refundableMinor(after(events))).toBe(0);
  });

  it('that was lost may be turned round, and turned round again', () => {
    const turns = [
      facts.disputed(3, { standing: 'open' }),
      facts.disputed(4, { standing: 'won' }),
      facts.disputed(5, { standing: 'lost' }),
    ];
    const states = turns.map((_, i) => [...CONFIRMED, opened, lost, ...turns.slice(0, i + 1)]);
    expect(states.map((events) => onAccounts(events, 'disputes', 'dispute_losses'))).toEqual([
      [10_000, 0],
      [0, 0],
      [0, 10_000],
    ]);
  });

  it('of which a bank only asks moves nothing', () => {
    const asked = facts.disputed(1, { standing: 'inquiry', fee: null });
    const events = [...CONFIRMED, asked];
    expect(postingsOf(events)).toEqual(postingsOf(CONFIRMED));
    expect(refundableMinor(after(events))).toBe(10_000);
    expect(after([...events, facts.disputed(2, { standing: 'dropped', fee: null })]).sums.disputedMinor).toBe(0);
  });

  it('must be of a payment that was taken, and follow what is known of it', () => {
    const absurd: [readonly BookingEvent[], BookingEvent][] = [
      [[facts.opened()], opened],
      [[...PAID, opened], opened],
      [PAID, won],
      [[...PAID, opened], facts.disputed(3, { standing: 'won' })],
      [[...PAID, opened], { ...facts.disputed(2), type: 'dispute.closed' } as BookingEvent],
      [PAID, facts.disputed(1, { amount: money(10_000, 'USD') })],
    ];
    for (const [events, event] of absurd) expect(() => after([...events, event])).toThrow(ImpossibleFact);
  });
});

describe('while a bank has the money', () => {
  it('nothing of that payment is given back, not even what it left alone', () => {
    const booking = after([...CONFIRMED, facts.disputed(1, half)]);
    expect(refundableMinor(booking)).toBe(0);
    expect(() => after([facts.refundAsked(1, 1)], booking)).toThrow('not left');
  });

  it('nothing that was asked for before is approved', () => {
    const asked = facts.refundAsked(1, 1_000, { needsApproval: true });
    expect(() => after([...CONFIRMED, asked, opened, facts.refundApproved(1)])).toThrow('not left');
    expect(() => after([...CONFIRMED, asked, opened, won, facts.refundApproved(1)])).not.toThrow();
  });

  it('nobody says that all of it went back', () => {
    expect(() => after([...PAID, opened, facts.compensated()])).toThrow('money for it is held');
    expect(after([...PAID, opened, lost, facts.compensated()]).phase).toBe('refunded');
  });

  it('its money revives no booking', () => {
    const late = [facts.opened(), facts.expired(), facts.captured(), opened, won];
    expect(() => after([...late, facts.revived()])).toThrow(ImpossibleFact);
  });
});

describe('what went back twice', () => {
  it.each<[string, readonly BookingEvent[]]>([
    ['first from us, then from the bank', [...CONFIRMED, ...returned, opened]],
    ['from the bank while ours was on its way', [...CONFIRMED, facts.refundAsked(1, 10_000), opened]],
    [
      'from the bank, and then in the dashboard',
      [...CONFIRMED, opened, facts.refundAsked(1, 10_000, { elsewhere: true }), facts.refundSucceeded(1)],
    ],
  ])('is counted: %s', (_, events) => {
    expect(after(events).sums).toMatchObject({ disputedMinor: 10_000, overReturnedMinor: 10_000 });
    expect(onAccounts(events, 'disputes')).toEqual([10_000]);
  });

  it('is made up for by a refund that fails, or a dispute that is won', () => {
    const twice = [...CONFIRMED, ...returned, opened];
    expect(after([...twice, won]).sums.overReturnedMinor).toBe(0);
    expect(after([...twice, facts.refundFailed(1)]).sums.overReturnedMinor).toBe(0);
  });

  it('is our loss, and nobody owes it to us', () => {
    const events = [...PAID, facts.refundAsked(1, 10_000), facts.refundSucceeded(1), facts.compensated(), opened, lost];
    expect(onAccounts(events, 'dispute_losses', 'customer_receivable', 'disputes')).toEqual([10_000, 0, 0]);
    expect(resultOf(postingsOf(events), 'HKD')).toEqual(profitOf(after(events)));
  });

  it('counts payment by payment: what another one holds does not make up for it', () => {
    const two = [facts.opened(1), facts.closed(1), facts.opened(2), facts.captured(2), facts.captured(1)];
    const events = [...two, facts.refundAsked(1, 10_000, { cause: 'duplicate' }), facts.refundSucceeded(1), opened];
    expect(after(events).sums).toMatchObject({ capturedMinor: 20_000, overReturnedMinor: 10_000 });
  });
});

describe('what an earlier trip earned', () => {
  const travello = newBooking({ storefront: 'travello' });
  const trip = [...PAID, facts.confirmed(), ...returned];
  /** Its refund came back, and the booking is being paid for anew. */
  const soldAnew = [...trip, facts.refundFailed(1), facts.disputed(1, half), facts.opened(2)];
  const halfLost = facts.disputed(2, { standing: 'lost', ...half });
  const booksOf = (events: readonly BookingEvent[]) => {
    const postings = postingsOf(events, travello);
    expect(resultOf(postings, 'HKD')).toEqual(profitOf(after(events, travello)));
    const accounts = ['revenue', 'dispute_losses', 'customer_receivable', 'disputes', 'refunds_payable'] as const;
    return accounts.map((account) => balanceOf(postings, account));
  };

  it('and a bank took since is our loss: none of it is owed to the customer', () => {
    expect(booksOf([...soldAnew, halfLost])).toEqual([-10_000, 4_000, 0, 0, 0]);
  });

  it('and a bank gives back after the second sale, its verdict turned round, is no loss any more', () => {
    const lostBefore = [...trip, facts.refundFailed(1), facts.disputed(1, half), halfLost, facts.opened(2)];
    expect(booksOf(lostBefore)).toEqual([-10_000, 4_000, 0, 0, 0]);
    expect(booksOf([...lostBefore, facts.disputed(3, { standing: 'won', ...half })])).toEqual([-10_000, 0, 0, 0, 0]);
  });

  it('and goes back beside what a bank took is less revenue, not a loss counted twice', () => {
    const again = [facts.refundAsked(2, 10_000, { elsewhere: true }), facts.refundSucceeded(2)];
    expect(booksOf([...soldAnew, halfLost, ...again])).toEqual([0, 4_000, 0, 0, 0]);
  });

  it('and comes back after the second sale is revenue again, whatever a bank took beside it', () => {
    const twice = [...trip, facts.disputed(1, half), halfLost, facts.opened(2)];
    expect(booksOf(twice)).toEqual([0, 4_000, 0, 0, 0]);
    expect(booksOf([...twice, facts.refundFailed(1)])).toEqual([-10_000, 4_000, 0, 0, 0]);
  });
});

describe('what is learned of disputes', () => {
  const paid = after(PAID);
  const told = (change: Partial<DisputeRead> = {}): DisputeRead => {
    const {
      type: _t,
      paymentId: _p,
      turn: _n,
      ...fact
    } = facts.disputed() as Extract<BookingEvent, { type: 'dispute.opened' }>;
    return { ...fact, ...change };
  };
  const learn = (booking: Booking, ...disputes: DisputeRead[]) =>
    disputesLearned(booking, paymentNamed(booking, 1), { ...SUCCEEDED, disputes });

  it('is nothing, heard twice', () => {
    expect(learn(paid, told())).toEqual([opened]);
    expect(learn(after([opened], paid), told())).toEqual([]);
  });

  it('is that it was opened and closed, when it is heard of only then', () => {
    expect(learn(paid, told({ standing: 'lost' })).map(({ type }) => type)).toEqual([
      'dispute.opened',
      'dispute.closed',
    ]);
    expect(after([...learn(paid, told({ standing: 'dropped' }))], paid).sums.disputedMinor).toBe(0);
  });

  it('is each change, under a name of its own', () => {
    const first = after([opened], paid);
    const [answered] = learn(first, told({ wireStatus: 'under_review' }));
    expect(answered).toMatchObject({ type: 'dispute.updated', turn: 2, standing: 'open' });
    expect(learn(first, told({ standing: 'won' }))).toMatchObject([{ type: 'dispute.closed', turn: 2 }]);
  });

  it('keeps a fee that is not told again, and follows one that changes', () => {
    const first = after([opened], paid);
    expect(learn(first, told({ fee: null }))).toEqual([]);
    expect(learn(first, told({ fee: HKD(3_000) }))).toMatchObject([{ type: 'dispute.updated', fee: HKD(3_000) }]);
  });

  const ASKED = { standing: 'inquiry', wireStatus: 'asked', fee: null } as const;
  const TAKEN = { standing: 'open', wireStatus: 'taken' } as const;
  const ANSWERED = { standing: 'open', wireStatus: 'answered' } as const;

  it.each<[string, readonly Partial<DisputeRead>[]]>([
    ['won', [ASKED, TAKEN, ANSWERED, { standing: 'won', wireStatus: 'won' }]],
    ['lost', [ASKED, TAKEN, ANSWERED, { standing: 'lost', wireStatus: 'lost' }]],
    ['dropped', [ASKED, { ...ASKED, wireStatus: 'explained' }, { ...ASKED, standing: 'dropped' }]],
  ])('is the same verdict at the end, whichever reads arrive late: %s', (verdict, reads) => {
    const ends = ordersOf(reads.map((read) => told(read))).map((order) =>
      order.reduce((booking, read) => after([...learn(booking, read)], booking), after(CONFIRMED)),
    );
    for (const { disputes, sums } of ends) {
      expect(disputes).toMatchObject([{ standing: verdict }]);
      expect(sums).toMatchObject({ disputedMinor: verdict === 'lost' ? 10_000 : 0 });
    }
  });

  it('is no inquiry any more once the bank has taken the money', () => {
    expect(learn(after([opened], paid), told(ASKED))).toEqual([]);
  });

  it('is that a case was taken up again, where the gateway says so', () => {
    const closed = after([opened, lost], paid);
    const appeal = { ...TAKEN, wireStatus: 'appealed', isTakenUpAgain: true } as const;
    expect(learn(closed, told(TAKEN))).toEqual([]);
    const [again] = learn(closed, told(appeal));
    expect(again).toMatchObject({ type: 'dispute.updated', turn: 3, standing: 'open' });
    expect(again).not.toHaveProperty('isTakenUpAgain');
    expect(learn(closed, told({ standing: 'won' }))).toMatchObject([{ type: 'dispute.closed', standing: 'won' }]);
    const dropped = after([...learn(paid, told({ standing: 'dropped' }))], paid);
    expect(learn(dropped, told(TAKEN))).toMatchObject([{ type: 'dispute.updated', standing: 'open' }]);
  });

  it('is of each dispute by itself', () => {
    const both = learn(paid, told(half), told({ ...half, ref: 'du_2' }));
    expect(after([...both], paid).sums.disputedMinor).toBe(8_000);
  });
});

function ordersOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  if (all.length <= 1) return [all];
  return all.flatMap((first, i) => ordersOf(all.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

const SUCCEEDED: PaymentFact = {
  ref: 'pi_1',
  status: 'succeeded',
  wireStatus: 'succeeded',
  amount: newBooking().charge,
  captured: newBooking().charge,
  capturedAt: AT,
  heldUntil: null,
  fee: null,
  refunded: HKD(0),
  disputes: [],
  decline: null,
  method: null,
  bookingId: null,
  paymentId: null,
};
