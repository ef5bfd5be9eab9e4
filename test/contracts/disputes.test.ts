// What every gateway promises whose customers' banks may take money back.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { money } from '../../domain/money.ts';
import { GATEWAYS } from '../../domain/payment.ts';
import type { Gateway } from '../../domain/payment.ts';
import { benches, isAtVendor } from './gateway-bench.ts';
import type { DisputeBench, GatewayBench } from './gateway-bench.ts';
import { orderOver, refundOf } from './sample-order.ts';

const price = money(12_100, 'USD');

describe.each(GATEWAYS.filter(isAtVendor))('a payment at %s', (name) => {
  let bench: GatewayBench;
  let gateway: Gateway;
  let banks: DisputeBench;

  beforeAll(async () => {
    bench = await benches[name]();
    gateway = bench.gateway;
    if (bench.disputes) banks = bench.disputes;
  });
  beforeEach(async ({ skip }) => {
    skip(!bench.disputes, 'what it tells of disputes has tests of its own');
    await bench.reset();
  });
  afterAll(() => bench.stop());

  async function paid() {
    const order = orderOver(price);
    const started = await gateway.start(order, order.paymentId);
    if (started.kind === 'refused') throw new Error(started.message);
    await bench.pay(started);
    return { started, order, ref: started.ref };
  }

  const disputesOf = async (ref: string) => (await gateway.look(ref)).disputes;

  it('is disputed by nobody at first', async () => {
    const { ref } = await paid();
    expect(await disputesOf(ref)).toEqual([]);
  });

  it('that is disputed tells how much, why, at what fee and until when to answer', async () => {
    const { started, ref } = await paid();
    await banks.open(started, 'chargeback');
    const [dispute] = await disputesOf(ref);
    expect(dispute).toMatchObject({ standing: 'open', amount: price, reason: 'fraudulent' });
    expect(dispute?.fee?.minor).toBeGreaterThan(0);
    expect(Date.parse(dispute?.evidenceDueBy ?? '')).toBeGreaterThan(Date.now());
    expect(await gateway.look(ref)).toMatchObject({ status: 'succeeded', captured: price });
    expect(await disputesOf(ref)).toEqual([dispute]);
  });

  it('that is disputed in part says which', async () => {
    const { started, ref } = await paid();
    await banks.open(started, 'chargeback', 4_000);
    expect(await disputesOf(ref)).toMatchObject([{ amount: money(4_000, 'USD') }]);
  });

  it('that a bank asks about is not taken, and may be refunded', async () => {
    const payment = await paid();
    await banks.open(payment.started, 'inquiry');
    expect(await disputesOf(payment.ref)).toMatchObject([{ standing: 'inquiry', fee: null }]);
    expect(await gateway.refund(refundOf(payment, price), 'r1')).toMatchObject({ kind: 'succeeded' });
  });

  it.each([
    ['for us', 'won'],
    ['against us', 'lost'],
  ] as const)('that is decided %s says so, under the same name', async (verdict, standing) => {
    const { started, ref } = await paid();
    await banks.open(started, 'chargeback');
    const [before] = await disputesOf(ref);
    await banks.decide(started, verdict);
    expect(await disputesOf(ref)).toMatchObject([{ ref: before?.ref, standing, fee: before?.fee }]);
  });

  it('is not refunded while it is disputed, and the refusal is no doubt', async () => {
    const payment = await paid();
    const { started } = payment;
    await banks.open(started, 'chargeback');
    const refund = refundOf(payment, price);
    expect(await gateway.refund(refund, 'r1')).toMatchObject({ kind: 'failed' });
    await banks.decide(started, 'for us');
    expect(await gateway.refund({ ...refund, refundId: `${refund.refundId}b` }, 'r2')).toMatchObject({
      kind: 'succeeded',
    });
  });

  it('is named by the webhooks that tell of the dispute', async () => {
    const { started } = await paid();
    const success = await bench.successWebhook(started);
    await banks.open(started, 'chargeback');
    await banks.decide(started, 'for us');
    const read = async (of: 'opening' | 'closing') => {
      const { raw, headers } = await banks.webhook(started, of);
      return gateway.readWebhook(raw, (header) => headers[header.toLowerCase()]);
    };
    const [opening, closing] = [await read('opening'), await read('closing')];
    expect([opening.kind, closing.kind]).toEqual(['event', 'event']);
    expect(opening).not.toMatchObject({ effect: closing.kind === 'event' ? closing.effect : '' });
    // The success named the money too, so that the inbox can tell whose it is.
    const named = opening.kind === 'event' ? opening.paymentRef : '';
    expect(Buffer.from(success.raw).toString()).toContain(`"${named}"`);
  });
});
