// Every kind of currency through the whole product: minor units on one wire, major units on the other, as Stripe wants them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { dataOf, intentOf, openServices, payWith, untilBooking } from './service-shop.ts';
import { signIn } from './shop.ts';
import type { Visitor } from './shop.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

interface Case {
  readonly currency: string;
  /** Minor units as Stripe counts them. */
  readonly amount: number;
  readonly part: number;
  /** The same in major units, as other services are told. */
  readonly major: number;
  readonly majorPart: number;
  /** One that the currency has no coins for, or Stripe no wire; undefined where every whole number will do. */
  readonly impossible?: number;
  /** Under what Stripe takes. */
  readonly tooLittle: number;
}

const CASES: readonly Case[] = [
  { currency: 'eur', amount: 50_001, part: 12_345, major: 500.01, majorPart: 123.45, tooLittle: 49 },
  { currency: 'usd', amount: 10_999, part: 1, major: 109.99, majorPart: 0.01, tooLittle: 49 },
  { currency: 'jpy', amount: 5_003, part: 1_001, major: 5_003, majorPart: 1_001, tooLittle: 49 },
  // Three decimals, of which Stripe moves two.
  {
    currency: 'kwd',
    amount: 12_350,
    part: 1_010,
    major: 12.35,
    majorPart: 1.01,
    impossible: 12_345,
    tooLittle: 490,
  },
  { currency: 'pkr', amount: 1_234_500, part: 200_001, major: 12_345, majorPart: 2_000.01, tooLittle: 13_999 },
  { currency: 'myr', amount: 8_880, part: 3_333, major: 88.8, majorPart: 33.33, tooLittle: 199 },
  // No decimals in life, two on the wire.
  { currency: 'isk', amount: 150_000, part: 40_000, major: 1_500, majorPart: 400, impossible: 150_050, tooLittle: 0 },
  {
    currency: 'ugx',
    amount: 500_000,
    part: 100_000,
    major: 5_000,
    majorPart: 1_000,
    impossible: 500_001,
    tooLittle: 0,
  },
];

interface Service {
  readonly code: string;
  readonly passengers: number;
  readonly amount: number;
  readonly currency: string;
  readonly minor: number;
  /** The least of it that Stripe moves. */
  readonly part: number;
}

/** Priced where the airport is. */
const SERVICES: readonly Service[] = [
  { code: 'meet_assist', passengers: 3, amount: 450.99, currency: 'USD', minor: 45_099, part: 1 },
  { code: 'fast_track_cdg', passengers: 3, amount: 74.7, currency: 'EUR', minor: 7_470, part: 1 },
  { code: 'fast_track_nrt', passengers: 3, amount: 9_003, currency: 'JPY', minor: 9_003, part: 1 },
  { code: 'lounge_kwi', passengers: 3, amount: 37.05, currency: 'KWD', minor: 37_050, part: 10 },
  { code: 'meet_assist_khi', passengers: 3, amount: 28_500.75, currency: 'PKR', minor: 2_850_075, part: 1 },
  { code: 'lounge_kul', passengers: 3, amount: 359.7, currency: 'MYR', minor: 35_970, part: 1 },
  { code: 'porter_kef', passengers: 3, amount: 7_500, currency: 'ISK', minor: 750_000, part: 100 },
];

let serial = 0;
/** A test that is tried again must not find what it left. */
const fresh = (what: string, currency: string): string => `${what}-${currency}-${(serial += 1)}`;

describeWith(['postgres', 'temporal'], 'several currencies', () => {
  let stack: Stack;
  let sue: Visitor;
  let services: Awaited<ReturnType<typeof openServices>>;
  beforeAll(async () => {
    // In the major units of each: a thousand yen would ask for a second person.
    stack = await startStack({ environment: { APPROVAL_LIMIT: '1000000' } });
    services = await openServices(stack);
    sue = await signIn(stack, { sub: 'sue', role: 'staff' });
  }, 120_000);
  afterAll(() => stack.stop());

  const sumsOf = (bookingId: string) =>
    stack.rows<{ currency: string; account: string; minor: number }>(
      `select p.currency, p.account, sum(p.minor)::int as minor from ledger_postings p
       join ledger_transactions t on t.id = p.transaction_id where t.booking_id = $1 group by 1, 2`,
      [bookingId],
    );
  /** Stripe keeps its fee whatever goes back. */
  const feeOf = async (bookingId: string): Promise<number> =>
    until({
      what: 'the fee to be known',
      look: async () => {
        const [row] = await stack.rows<{ fee: number | null }>(
          'select fee_minor::int as fee from payments where booking_id = $1 and fee_minor is not null',
          [bookingId],
        );
        return row?.fee ?? undefined;
      },
    });

  /** The books in this one currency: what came, what went, what the gateway kept. */
  const expectBooks = async (bookingId: string, { currency, kept }: { currency: string; kept: number }) => {
    const fee = await feeOf(bookingId);
    const sums = await sumsOf(bookingId);
    expect(new Set(sums.map((sum) => sum.currency))).toEqual(new Set([currency]));
    expect(sums.reduce((total, { minor }) => total + minor, 0)).toBe(0);
    const open = Object.fromEntries(sums.filter(({ minor }) => minor !== 0).map((sum) => [sum.account, sum.minor]));
    const revenue = kept === 0 ? {} : { revenue: -kept };
    expect(open).toEqual({ gateway_clearing: kept - fee, gateway_fees: fee, ...revenue });
    const { profit } = (await sue.get(`/v1/bookings/${bookingId}`)).body;
    expect(profit).toEqual({ amount: kept - fee, currency });
  };

  describe.each(CASES)('$currency in minor units', ({ currency, amount, part, major, majorPart, ...refused }) => {
    const CODE = currency.toUpperCase();

    it('is booked, paid, given back in part and then whole', { timeout: 90_000 }, async () => {
      const { dreamscape } = services;
      const id = fresh('whole', currency);
      const answer = await dreamscape.create(id, { amount, currency });
      expect(dataOf(answer)).toMatchObject({ amount, currency });
      const intent = intentOf(answer);
      expect(stack.stripe.state.intents.get(intent.paymentIntentId)).toMatchObject({ amount, currency });
      await payWith(stack, intent);
      const bookingId = await untilBooking(stack, intent.paymentIntentId, 'confirmed');
      await expectBooks(bookingId, { currency: CODE, kept: amount });

      const first = dataOf(await dreamscape.refund(id, intent.paymentIntentId, part));
      expect(first).toMatchObject({ amount: part, currency, status: 'succeeded', remaining: amount - part });
      await expectBooks(bookingId, { currency: CODE, kept: amount - part });
      const rest = dataOf(await dreamscape.refund(id, intent.paymentIntentId));
      expect(rest).toMatchObject({ amount: amount - part, currency, status: 'succeeded', remaining: 0 });
      await expectBooks(bookingId, { currency: CODE, kept: 0 });
      const back = [...stack.stripe.state.refunds.values()].filter(
        (one) => one.payment_intent === intent.paymentIntentId,
      );
      expect(back.map((one) => [one.amount, one.currency])).toEqual(
        expect.arrayContaining([part, amount - part].map((sum) => [sum, currency])),
      );

      const told = await stack.rows<{ topic: string; payload: Record<string, unknown> }>(
        "select topic, payload from outbox where key = $1 and topic in ('payment.completed', 'payment.refunded') order by seq",
        [id],
      );
      const sum = (topic: string, value: number) => ({ topic, payload: { amount: value, currency: CODE } });
      expect(told).toMatchObject([
        sum('payment.completed', major),
        sum('payment.refunded', majorPart),
        sum('payment.refunded', Number((major - majorPart).toFixed(3))),
      ]);
    });

    it('is refused where it is too little, or cannot be', { timeout: 60_000 }, async () => {
      const { dreamscape } = services;
      const { impossible, tooLittle } = refused;
      for (const sum of [tooLittle, impossible].filter((one) => one !== undefined)) {
        const answer = await dreamscape.create(fresh('refused', currency), { amount: sum, currency });
        expect([sum, answer.status, answer.body['success']]).toEqual([sum, 400, false]);
      }
    });
  });

  const withSteps = CASES.filter(({ impossible }) => impossible !== undefined);
  it.each(withSteps)('$currency is not given back in parts that do not exist', async ({ currency, amount }) => {
    const { dreamscape } = services;
    const id = fresh('part', currency);
    const intent = intentOf(await dreamscape.create(id, { amount, currency }));
    await payWith(stack, intent);
    await untilBooking(stack, intent.paymentIntentId, 'confirmed');
    const answer = await dreamscape.refund(id, intent.paymentIntentId, 1);
    expect([answer.status, answer.body['success']]).toEqual([400, false]);
    expect(dataOf(await dreamscape.view(intent.paymentIntentId))).toMatchObject({ refundedAmount: 0 });
  });

  it.each(SERVICES)('$currency in major units', { timeout: 60_000 }, async (service) => {
    const { airport } = services;
    const { code, passengers, amount, currency, minor, part } = service;
    const booked = dataOf(await airport.book(code, passengers));
    expect(booked).toMatchObject({ amount, currency, bookingStatus: 'pending' });
    const id = String(booked['id']);
    const wrong = await airport.open(id, { amount: amount + 1, currency });
    expect([wrong.status, wrong.body]).toMatchObject([400, { data: { error_code: 'amount_mismatch' } }]);
    const opened = await airport.open(id, { amount, currency });
    expect(dataOf(opened)).toMatchObject({ amount, currency: currency.toLowerCase() });
    const intent = intentOf(opened);
    expect(stack.stripe.state.intents.get(intent.paymentIntentId)?.amount).toBe(minor);
    await payWith(stack, intent);
    const confirmed = dataOf(await airport.confirm(id, intent.paymentIntentId));
    expect(confirmed).toMatchObject({ paymentStatus: 'completed', booking: { amount, currency } });
    const bookingId = await untilBooking(stack, intent.paymentIntentId, 'confirmed');
    await expectBooks(bookingId, { currency, kept: minor });

    const refunds = `/v1/bookings/${bookingId}/refunds`;
    const some = await sue.post(refunds, { amount: part, reason: 'asked' });
    expect(some.status, some.text).toBe(200);
    await expectBooks(bookingId, { currency, kept: minor - part });
    const rest = await sue.post(refunds, { reason: 'asked' });
    expect(rest.status, rest.text).toBe(200);
    await expectBooks(bookingId, { currency, kept: 0 });
  });
});
