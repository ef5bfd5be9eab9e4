// What a gateway said is kept beside the facts that were learned from it, and read with CHIP's stand-in and Stripe's.
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { lookAt } from '../../activities/payment-news.ts';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { answersOf, openAnswer } from '../../db/payment-answers.ts';
import { bookingKeys } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipSim } from '../../sim/chip/server.ts';
import { order as sampleOrder } from '../adapters/chip-objects.ts';
import { depsOf, openBench } from '../db/test-bench.ts';
import type { Bench } from '../db/test-bench.ts';
import { facts } from '../domain/sample-booking.ts';
import { describeWith } from '../setup/parts.ts';
import { startBench as startStripeBench } from '../sim/stripe-bench.ts';

describeWith('postgres', 'what a gateway says of a payment', () => {
  let bench: Bench;
  let keyring: Keyring;
  let chipSim: ChipSim;
  let stripe: Awaited<ReturnType<typeof startStripeBench>>;
  let gateways: Partial<Record<GatewayName, Gateway>>;
  let made = 0;

  beforeAll(async () => {
    bench = await openBench();
    // Keys are read each time: one of these is destroyed.
    keyring = createKeyring(bench.db, [{ id: 'm1', bytes: Buffer.alloc(32, 7) }], { size: 0, maxAgeMs: 0 });
    chipSim = await startChip();
    stripe = await startStripeBench();
    gateways = {
      chip: createChipGateway({
        apiKey: 'chip_test',
        brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
        apiBase: `${chipSim.url}/api/v1`,
        callbackUrl: `${chipSim.url}/nobody`,
        webhookKeys: [],
      }),
      stripe_intent: createStripeIntentGateway({
        secretKey: 'sk_test_bench',
        apiBase: stripe.sim.url,
        webhookSecrets: [stripe.secret],
      }),
    };
  });
  afterAll(async () => {
    await chipSim.close();
    await stripe.stop();
    await bench.close();
  });

  async function opened(gateway: GatewayName, amount: Money, named?: string) {
    made += 1;
    const bookingId = `bk_answer${made}`;
    const paymentId = `pay_answer${made}_1`;
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const started = await gateways[gateway]?.start(
      { ...sampleOrder, bookingId: named ?? bookingId, paymentId, amount, expiresAt },
      paymentId,
    );
    if (started?.kind !== 'redirect' && started?.kind !== 'confirm') throw new Error(started?.kind);
    await keyring.create(bench.db, bookingId);
    await bench.add({ id: bookingId, externalId: bookingId, charge: amount, fxRate: null });
    await bench.record(bookingId, () => [{ ...facts.opened(1, amount), paymentId, gateway, ref: started.ref }]);
    const look = () => lookAt({ ...depsOf(bench), keyring, gateways } as unknown as Deps, { bookingId, paymentId });
    const kept = async () => {
      const answers = await answersOf(bench.db, bookingId);
      return Promise.all(
        answers.map(async ({ sealed, ...answer }) => ({
          ...answer,
          said: await openAnswer(keyring, bookingId, sealed),
          sealed: sealed.toString('latin1'),
        })),
      );
    };
    return { bookingId, started, look, kept };
  }

  async function paidAtChip(named?: string) {
    const payment = await opened('chip', money(12_900, 'MYR'), named);
    if (payment.started.kind !== 'redirect') throw new Error('CHIP gave no page');
    await fetch(payment.started.url, {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'paid' }),
      redirect: 'manual',
    });
    return payment;
  }

  it('is kept in full beside what was learned from it, unreadable to who has only the table', async () => {
    const { look, kept, started } = await paidAtChip();
    await look();
    const [answer, ...others] = await kept();
    expect(others).toEqual([]);
    expect(answer).toMatchObject({
      wireStatus: 'paid',
      bookingVersion: (await bench.load(`bk_answer${made}`)).version,
      said: { id: started.kind === 'redirect' && started.ref, status: 'paid', payment: { amount: 12_900 } },
    });
    expect(JSON.stringify(answer?.said)).toContain(sampleOrder.payer?.email);
    expect(answer?.sealed).not.toContain(sampleOrder.payer?.email);
  });

  it('is not kept again while it says nothing new', async () => {
    const { look, kept } = await paidAtChip();
    for (const _ of [1, 2, 3]) await look();
    expect(await kept()).toHaveLength(1);
  });

  it('is not kept once its person was erased, and the money is on record all the same', async () => {
    const { bookingId, look, kept } = await paidAtChip();
    await bench.db
      .update(bookingKeys)
      .set({ wrapped: null, destroyedAt: new Date() })
      .where(eq(bookingKeys.keyId, bookingId));
    expect(await look()).toMatchObject({ kind: 'captured' });
    expect(await bench.load(bookingId)).toMatchObject({ sums: { capturedMinor: 12_900 } });
    expect(await kept()).toEqual([]);
  });

  it('settles nothing when it names another booking', async () => {
    const { bookingId, look } = await paidAtChip('bk_other');
    await expect(look()).rejects.toThrow('belongs to bk_other');
    expect(await bench.load(bookingId)).toMatchObject({ phase: 'awaiting_payment', sums: { capturedMinor: 0 } });
  });

  it('is kept without what a payment could be made with', async () => {
    const { look, kept, started } = await opened('stripe_intent', money(5_000, 'USD'));
    if (started.kind !== 'confirm') throw new Error(started.kind);
    await stripe.stripe.paymentIntents.confirm(started.ref, { payment_method: 'pm_card_visa' });
    await look();
    const [answer] = await kept();
    expect(answer?.said).toMatchObject({ id: started.ref, status: 'succeeded', amount_received: 5_000 });
    expect(JSON.stringify(answer?.said)).not.toContain('secret');
  });
});
