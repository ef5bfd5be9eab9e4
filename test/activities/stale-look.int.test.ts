// What a gateway said is older than what was learned while it was read.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { lookAt } from '../../activities/payment-news.ts';
import { createKeyring } from '../../db/keyring.ts';
import { money } from '../../domain/money.ts';
import type { PaymentFact } from '../../domain/payment.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts, succeeded } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';

const HKD = (minor: number) => money(minor, 'HKD');
const ALL_BACK = succeeded({ refunded: HKD(10_000), bookingId: null, paymentId: null });

describeWith('postgres', 'a refund that fails while its payment is read', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  it('is not booked as another one, made by nobody, that arrived', async () => {
    const [bookingId, paymentId, refundId] = ['bk_stale', 'pay_stale_1', 'rf_1'];
    const keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }]);
    await bench.add({ id: bookingId, externalId: bookingId, charge: HKD(10_000), fxRate: null });
    await keyring.create(bench.db, bookingId);
    await bench.record(bookingId, () => [
      { ...facts.opened(), paymentId },
      { ...facts.captured(), paymentId },
      facts.confirmed(),
      facts.refundAsked(1, 10_000, { paymentId }),
      facts.refundPending(1),
    ]);
    let meanwhile = async (): Promise<unknown> => bench.record(bookingId, () => [facts.refundFailed(1)]);
    const look = async (): Promise<PaymentFact> => {
      await meanwhile();
      return ALL_BACK;
    };
    const deps = { ...depsOf(bench), keyring, gateways: { stripe_intent: { look } } } as unknown as Deps;

    expect(await lookAt(deps, { bookingId, paymentId })).toMatchObject({ lookAgain: true });
    const fates = async () => (await bench.load(bookingId)).refunds.map(({ id, status }) => [id, status]);
    expect(await fates()).toEqual([[refundId, 'failed']]);

    // Read afresh it is what the gateway did.
    meanwhile = async () => undefined;
    const news = await lookAt(deps, { bookingId, paymentId });
    expect(news).toMatchObject({ returnedElsewhere: true });
    expect(news.lookAgain).toBeUndefined();
    expect(await fates()).toEqual([
      [refundId, 'failed'],
      ['rf_stale_1_elsewhere_10000', 'succeeded'],
    ]);
  });
});
