// What every gateway promises, whatever it is called. A new gateway adds its bench and runs the same suite.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { add, money } from '../../domain/money.ts';
import { GATEWAYS } from '../../domain/payment.ts';
import type { Gateway, Started } from '../../domain/payment.ts';
import { benches, isAtVendor } from './gateway-bench.ts';
import type { Delivery, GatewayBench } from './gateway-bench.ts';
import { orderOver, refundOf } from './sample-order.ts';

const price = money(12_100, 'USD');
function refOf(started: Started): string {
  if (started.kind === 'refused') throw new Error(`refused: ${started.message}`);
  return started.ref;
}

describe.each(GATEWAYS.filter(isAtVendor))('%s', (name) => {
  let bench: GatewayBench;
  let gateway: Gateway;

  beforeAll(async () => {
    bench = await benches[name]();
    gateway = bench.gateway;
  });
  beforeEach(() => bench.reset());
  afterAll(() => bench.stop());

  async function paid(amount = price) {
    const order = orderOver(amount);
    const started = await gateway.start(order, order.paymentId);
    await bench.pay(started);
    return { order, started, ref: refOf(started) };
  }

  it('bears the name it is registered under', () => {
    expect(gateway.name).toBe(name);
  });

  describe('start', () => {
    it('twice with one key makes one payment, where a repeat can find the first', async ({ skip }) => {
      skip(bench.repeats !== 'find the first', 'a repeat makes another');
      const order = orderOver(price);
      const first = await gateway.start(order, 'k1');
      expect(await gateway.start(order, 'k1')).toEqual(first);
      expect(bench.counts().payments).toBe(1);
    });

    it('ten times at once with one key makes one payment, however often it must be asked', async ({ skip }) => {
      skip(bench.repeats !== 'find the first', 'a repeat makes another');
      const order = orderOver(price);
      await Promise.allSettled(Array.from({ length: 10 }, () => gateway.start(order, 'k1')));
      expect(refOf(await gateway.start(order, 'k1'))).toMatch(/\w/);
      expect(bench.counts().payments).toBe(1);
    });

    it('whose answer was lost is unknown, and its repeat finds the same payment', async ({ skip }) => {
      skip(bench.repeats !== 'find the first', 'a repeat makes another');
      const order = orderOver(price);
      await bench.loseAnswer('start');
      await expect(gateway.start(order, 'k1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      expect(bench.counts().payments).toBe(1);
      const ref = refOf(await gateway.start(order, 'k1'));
      expect(bench.counts().payments).toBe(1);
      expect(await gateway.look(ref)).toMatchObject({ paymentId: order.paymentId, bookingId: order.bookingId });
    });

    it('whose answer was lost is unknown, and its repeat gives a payment, whatever becomes of the first', async () => {
      const order = orderOver(price);
      await bench.loseAnswer('start');
      await expect(gateway.start(order, 'k1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      const started = await gateway.start(order, 'k1');
      await bench.pay(started);
      expect(await gateway.look(refOf(started))).toMatchObject({ captured: price, paymentId: order.paymentId });
    });

    it('is unknown, not refused, while the gateway is down', async () => {
      await bench.goDown();
      await expect(gateway.start(orderOver(price), 'k1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    });

    it('gives the same way to pay once more, when it is asked what it was', async () => {
      const order = orderOver(price);
      const { ref, ...started } = await gateway.start(order, 'k1').then((each) => ({ ...each, ref: refOf(each) }));
      const door = await gateway.door?.(ref);
      expect(door).not.toBeNull();
      expect(started).toMatchObject({ ...door });
    });

    it('of an amount under its minimum is refused in words', async () => {
      const minimum = gateway.minimumMinor('USD');
      if (minimum === 0) return;
      const refused = await gateway.start(orderOver(money(minimum - 1, 'USD')), 'k1');
      expect(refused).toEqual({ kind: 'refused', code: expect.any(String), message: expect.stringMatching(/\w/) });
      expect(await gateway.start(orderOver(money(minimum, 'USD')), 'k2')).not.toMatchObject({ kind: 'refused' });
    });

    it('in a currency there is none of is refused so that callers may try another', async () => {
      const refused = await gateway.start(orderOver(money(5_000, 'XTS')), 'k1');
      expect(refused).toMatchObject({ kind: 'refused', code: 'currency_not_supported' });
    });
  });

  describe('amounts', () => {
    it.each([
      [12_100, 'USD'],
      [5_000, 'JPY'],
      [12_340, 'KWD'],
      [1_250_000, 'ISK'],
      [99_999_999, 'EUR'],
    ])('%d minor units of %s are asked, taken and given back unchanged', async (minor, currency) => {
      const amount = money(minor, currency);
      const payment = await paid(amount);
      expect(await gateway.look(payment.ref)).toMatchObject({ amount, captured: amount, refunded: money(0, currency) });
      expect(await gateway.refund(refundOf(payment, amount), 'r1')).toMatchObject({ kind: 'succeeded' });
      expect((await gateway.look(payment.ref)).refunded).toEqual(amount);
    });
  });

  describe('look', () => {
    it('sees a payment nobody has paid', async () => {
      const order = orderOver(price);
      const ref = refOf(await gateway.start(order, 'k1'));
      expect(await gateway.look(ref)).toMatchObject({
        ref,
        amount: price,
        captured: null,
        capturedAt: null,
        fee: null,
        refunded: money(0, 'USD'),
        decline: null,
        bookingId: order.bookingId,
        paymentId: order.paymentId,
      });
    });

    it('sees each decline once, then the success on another card', async () => {
      const started = await gateway.start(orderOver(price), 'k1');
      const ref = refOf(started);
      await bench.decline(started);
      const first = await gateway.look(ref);
      expect(first).toMatchObject({ captured: null, decline: { message: expect.stringMatching(/\w/) } });
      expect((await gateway.look(ref)).decline).toEqual(first.decline);
      await bench.decline(started);
      expect((await gateway.look(ref)).decline?.id).not.toBe(first.decline?.id);
      await bench.pay(started);
      expect(await gateway.look(ref)).toMatchObject({ status: 'succeeded', captured: price, decline: null });
    });

    it('knows when, how and at what fee it was paid', async () => {
      const { ref } = await paid();
      const fact = await gateway.look(ref);
      expect(Math.abs(Date.parse(fact.capturedAt ?? '') - Date.now())).toBeLessThan(60_000);
      expect(fact.method).toMatchObject({ type: expect.stringMatching(/\w/) });
      expect(fact.fee?.minor).toBeGreaterThan(0);
    });

    it('calls money on its way neither paid nor failed', async () => {
      const started = await gateway.start(orderOver(price), 'k1');
      await bench.payWithDelay(started);
      expect(await gateway.look(refOf(started))).toMatchObject({ status: 'processing', captured: null });
    });

    it('does not invent a payment', async () => {
      await expect(gateway.look('pi_unknown')).rejects.toMatchObject({ name: 'GatewayRejected' });
    });
  });

  describe('close', () => {
    it('ends an open payment for good', async () => {
      const started = await gateway.start(orderOver(price), 'k1');
      expect(await gateway.close(refOf(started))).toEqual({ kind: 'closed' });
      await expect(bench.pay(started)).rejects.toThrow(/./);
      expect(await gateway.look(refOf(started))).toMatchObject({ status: 'cancelled', captured: null });
    });

    it('may be repeated', async () => {
      const ref = refOf(await gateway.start(orderOver(price), 'k1'));
      await gateway.close(ref);
      expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
    });

    it('after a decline ends the payment', async () => {
      const started = await gateway.start(orderOver(price), 'k1');
      await bench.decline(started);
      expect(await gateway.close(refOf(started))).toEqual({ kind: 'closed' });
    });

    it('says so when the customer was faster', async () => {
      const { ref } = await paid();
      expect(await gateway.close(ref)).toEqual({ kind: 'already_paid' });
      expect(await gateway.look(ref)).toMatchObject({ captured: price });
    });

    it('does not claim to stop money on its way', async () => {
      const started = await gateway.start(orderOver(price), 'k1');
      await bench.payWithDelay(started);
      expect(await gateway.close(refOf(started))).toEqual({ kind: 'in_flight' });
    });
  });

  describe('capture', () => {
    async function held() {
      const started = await gateway.start({ ...orderOver(price), capture: 'manual' }, 'k1');
      await bench.pay(started);
      return refOf(started);
    }

    it('takes what was held, and until then nothing was taken', async () => {
      const ref = await held();
      const before = await gateway.look(ref);
      expect(before).toMatchObject({ status: 'authorised', captured: null, fee: null, refunded: money(0, 'USD') });
      expect(Date.parse(before.heldUntil ?? '')).toBeGreaterThan(Date.now());
      expect(await gateway.capture(ref)).toEqual({ kind: 'captured' });
      expect(await gateway.look(ref)).toMatchObject({ status: 'succeeded', captured: price, heldUntil: null });
    });

    it('twice takes once', async () => {
      const ref = await held();
      await gateway.capture(ref);
      expect(await gateway.capture(ref)).toEqual({ kind: 'captured' });
      expect((await gateway.look(ref)).captured).toEqual(price);
    });

    it('whose answer was lost is unknown, and its repeat takes once', async () => {
      const ref = await held();
      await bench.loseAnswer('capture');
      await expect(gateway.capture(ref)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      expect(await gateway.capture(ref)).toEqual({ kind: 'captured' });
      expect((await gateway.look(ref)).captured).toEqual(price);
    });

    it('of what was let go of is refused, and takes nothing', async () => {
      const ref = await held();
      expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
      expect(await gateway.capture(ref)).toMatchObject({ kind: 'refused', message: expect.stringMatching(/\w/) });
      expect(await gateway.look(ref)).toMatchObject({ status: 'cancelled', captured: null });
    });

    it('of what nobody has paid is refused', async () => {
      const ref = refOf(await gateway.start({ ...orderOver(price), capture: 'manual' }, 'k1'));
      expect(await gateway.capture(ref)).toMatchObject({ kind: 'refused' });
    });
  });

  describe('refund', () => {
    const part = money(4_000, 'USD');

    it('in parts gives back their sum', async () => {
      const payment = await paid();
      const rest = money(8_100, 'USD');
      expect(await gateway.refund(refundOf(payment, part), 'r1')).toMatchObject({ kind: 'succeeded' });
      expect((await gateway.look(payment.ref)).refunded).toEqual(part);
      expect(await gateway.refund(refundOf(payment, rest, [part]), 'r2')).toMatchObject({ kind: 'succeeded' });
      expect((await gateway.look(payment.ref)).refunded).toEqual(add(part, rest));
    });

    it('twice with one key gives back once', async () => {
      const payment = await paid();
      const first = await gateway.refund(refundOf(payment, part), 'r1');
      expect(await gateway.refund(refundOf(payment, part), 'r1')).toEqual(first);
      expect(bench.counts().refunds).toBe(1);
    });

    it('of one id gives back once, even when its key has been forgotten', async () => {
      const payment = await paid();
      const first = await gateway.refund(refundOf(payment, part), 'r1');
      expect(await gateway.refund(refundOf(payment, part), 'r1-forgotten')).toEqual(first);
      expect(bench.counts().refunds).toBe(1);
    });

    it('whose answer was lost is found by its id, and not made again', async () => {
      const payment = await paid();
      const order = refundOf(payment, part);
      expect(await gateway.lookRefund(order)).toEqual({ kind: 'absent' });
      await bench.loseAnswer('refund');
      await expect(gateway.refund(order, 'r1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
      const found = await gateway.lookRefund(order);
      expect(found).toMatchObject({ kind: 'succeeded' });
      expect(await gateway.refund(order, 'r1')).toEqual(found);
      expect(bench.counts().refunds).toBe(1);
    });

    it('over what is left gives nothing back', async () => {
      const payment = await paid();
      await gateway.refund(refundOf(payment, part), 'r1');
      expect(await gateway.refund(refundOf(payment, price, [part]), 'r2')).toMatchObject({ kind: 'nothing_left' });
      expect((await gateway.look(payment.ref)).refunded).toEqual(part);
    });

    it('of what somebody gave back already says so', async () => {
      const payment = await paid();
      await gateway.refund(refundOf(payment, price), 'r1');
      expect(await gateway.refund(refundOf(payment, part, [price]), 'r2')).toMatchObject({ kind: 'nothing_left' });
      expect(bench.counts().refunds).toBe(1);
    });

    it('of a payment nobody paid needs a person', async () => {
      const order = orderOver(price);
      const ref = refOf(await gateway.start(order, 'k1'));
      const refund = gateway.refund(refundOf({ order, ref }, part), 'r1');
      await expect(refund).rejects.toMatchObject({ name: 'GatewayRejected' });
    });
  });

  describe('readWebhook', () => {
    const read = ({ raw, headers }: Delivery) => gateway.readWebhook(raw, (header) => headers[header.toLowerCase()]);
    const forged = { kind: 'forged', reason: expect.stringMatching(/\w/) };

    async function success() {
      const payment = await paid();
      return { ...payment, delivery: await bench.successWebhook(payment.started) };
    }

    it('leads from a genuine event to its payment and booking', async () => {
      const { delivery, ref, order } = await success();
      const reading = await read(delivery);
      const { bookingId, paymentId } = order;
      expect(reading).toMatchObject({ kind: 'event', paymentRef: ref, bookingId, paymentId });
      expect(await read(delivery)).toEqual(reading);
    });

    it('knows the next key while keys change', async () => {
      const { delivery } = await success();
      expect(await read(bench.sign(delivery.raw, 'by the next key'))).toEqual(await read(delivery));
    });

    it('refuses what a stranger signed', async () => {
      const { delivery } = await success();
      expect(await read(bench.sign(delivery.raw, 'by a stranger'))).toEqual(forged);
    });

    it('refuses a body without any header', async () => {
      const { delivery } = await success();
      expect(await read({ ...delivery, headers: {} })).toEqual(forged);
    });

    it('refuses a body with any one byte changed, lost or added', async () => {
      const { delivery } = await success();
      const { raw } = delivery;
      const changed = Uint8Array.from(raw, (byte, at) => (at === raw.length >> 1 ? byte ^ 1 : byte));
      for (const body of [changed, raw.subarray(0, -1), Buffer.concat([raw, Buffer.from(' ')]), new Uint8Array()]) {
        expect(await read({ ...delivery, raw: body })).toEqual(forged);
      }
    });

    it('refuses a genuine event sent again much later, where signatures are dated', async () => {
      const { delivery } = await success();
      if (!bench.signStale) return;
      expect(await read(bench.signStale(delivery.raw))).toEqual(forged);
    });

    it('ignores, and does not throw at, a genuine body that says something else', async () => {
      for (const text of ['{"id":"evt_x","type":"some.event.of.2027"}', '{}', '[]', 'null']) {
        expect(await read(bench.sign(Buffer.from(text), 'by the next key'))).toMatchObject({ kind: 'ignored' });
      }
    });
  });
});
