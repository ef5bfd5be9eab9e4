// Two tries to open one payment overlap: the first was given up by Temporal, and came through all the same.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { paymentActivities } from '../../activities/payment.ts';
import { money } from '../../domain/money.ts';
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

describeWith('postgres', 'a payment that one try opens and another is refused', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const opening = (meanwhile: () => Promise<unknown>) => {
    const start = async () => {
      await meanwhile();
      return TIME_OVER;
    };
    const gateways = { stripe_intent: { name: 'stripe_intent', start } };
    const returnUrls = { success: 'https://shop.example/paid', cancel: 'https://shop.example/' };
    const deps = { ...depsOf(bench), gateways, returnUrls, checkoutUrl: 'https://pay.example/checkout' };
    return paymentActivities(deps as unknown as Deps).openPayment({ bookingId: 'bk_1', attempt: 1 });
  };

  it('is open, and paid when it is paid: neither it nor its booking is called off', async () => {
    await bench.add({ storefront: 'dreamscape', kind: 'service' }, { product: BOOKED, kind: 'service' });
    const late = await opening(() => bench.record('bk_1', () => [facts.opened(), facts.captured()]));
    expect(late).toMatchObject({ kind: 'opened', paymentId: 'pay_1_1' });
    const { phase, payments } = await bench.load('bk_1');
    expect(phase).toBe('confirming');
    expect(payments).toMatchObject([{ ref: 'pi_1', status: 'succeeded', capturedMinor: 10_000 }]);
  });
});
