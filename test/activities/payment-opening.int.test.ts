// Two tries to open one payment overlap: the first was given up by Temporal, and came through all the same.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { paymentActivities } from '../../activities/payment.ts';
import type { OpenOutcome } from '../../activities/payment.ts';
import { money } from '../../domain/money.ts';
import type { Started } from '../../domain/payment.ts';
import type { ServiceProduct } from '../../domain/product.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const BOOKED: ServiceProduct = {
  kind: 'service',
  name: 'Flight and hotel',
  option: null,
  when: null,
  items: [{ name: 'Flight and hotel', count: 1, unit: money(10_000, 'HKD') }],
  refundPolicy: [],
  gateway: 'stripe_intent',
  payWhen: 'at_once',
  refs: {},
};
const TIME_OVER = { kind: 'refused', code: 'time_over', message: 'The time to pay is over.' } as const;

describeWith('postgres', 'a payment that one of two tries opens', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await bench.add({ storefront: 'dreamscape', kind: 'service' }, { product: BOOKED, kind: 'service' });
  });
  afterEach(() => bench.close());

  /** What a try is answered, and what happens before the answer reaches it. */
  const opening = (answer: Started, meanwhile: () => Promise<unknown>): Promise<OpenOutcome> => {
    const start = async () => {
      await meanwhile();
      return answer;
    };
    const gateways = { stripe_intent: { name: 'stripe_intent', start } };
    const returnUrls = { success: 'https://shop.example/paid', cancel: 'https://shop.example/' };
    const deps = { ...depsOf(bench), gateways, returnUrls, checkoutUrl: 'https://pay.example/checkout' };
    return paymentActivities(deps as unknown as Deps).openPayment({ bookingId: 'bk_1', attempt: 1 });
  };

  it('is open, and paid when it is paid: neither it nor its booking is called off', async () => {
    const late = await opening(TIME_OVER, () => bench.record('bk_1', () => [facts.opened(), facts.captured()]));
    expect(late).toMatchObject({ kind: 'opened', paymentId: 'pay_1_1' });
    const { phase, payments } = await bench.load('bk_1');
    expect(phase).toBe('confirming');
    expect(payments).toMatchObject([{ ref: 'pi_1', status: 'succeeded', capturedMinor: 10_000 }]);
  });

  it('leads to the page that is on record, where each of two tries opened one of its own', async () => {
    const first = () => opening(pageOf('p_1'), async () => undefined);
    const late = await opening(pageOf('p_2'), first);
    expect(late).toMatchObject({ kind: 'opened', paymentId: 'pay_1_1' });
    const rows = await bench.rows(sql`select ref, redirect_url from payments where booking_id = 'bk_1'`);
    expect(rows).toEqual([{ ref: 'p_1', redirect_url: 'https://pay.example/p_1' }]);
  });
});

const pageOf = (ref: string): Started => ({
  kind: 'redirect',
  ref,
  url: `https://pay.example/${ref}`,
  wireStatus: 'created',
});
