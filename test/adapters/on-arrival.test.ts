import { describe, expect, it } from 'vitest';
import { createOnArrivalGateway } from '../../adapters/gateways/on-arrival.ts';
import { money } from '../../domain/money.ts';
import type { PaymentOrder } from '../../domain/payment.ts';
import type { RefundOrder } from '../../domain/refund-order.ts';

const gateway = createOnArrivalGateway();
const order: PaymentOrder = {
  paymentId: 'pay_1_1',
  bookingId: 'bk_1',
  bookingNumber: 'HF-1',
  storefront: 'travello',
  amount: money(1_250_000, 'PKR'),
  capture: 'automatic',
  description: 'Twin room, 2 nights',
  expiresAt: '2026-12-24T12:00:00.000Z',
  returnUrls: null,
  reference: 'HF-1',
  payer: null,
  lines: [],
  methods: [],
  metadata: {},
};

async function refOf(terms: Partial<PaymentOrder> = {}): Promise<string> {
  const started = await gateway.start({ ...order, ...terms }, 'k1');
  if (started.kind !== 'due_on_arrival') throw new Error(started.kind);
  return started.ref;
}

describe('money paid on arrival', () => {
  it('is due at once, the same however often it is opened, and another for another attempt', async () => {
    const ref = await refOf();
    expect(ref).toContain('pay_1_1');
    expect(await refOf()).toBe(ref);
    expect(await refOf({ paymentId: 'pay_1_2' })).not.toBe(ref);
  });

  it.each([
    [1_250_000, 'PKR'],
    [5_000, 'JPY'],
    [1, 'KWD'],
  ])('of %d minor units of %s is known by its reference alone and never counts as paid', async (minor, currency) => {
    const amount = money(minor, currency);
    const ref = await refOf({ amount });
    expect(await gateway.look(ref)).toEqual({
      ref,
      status: 'requires_payment_method',
      wireStatus: 'due_on_arrival',
      amount,
      captured: null,
      capturedAt: null,
      heldUntil: null,
      fee: null,
      refunded: money(0, currency),
      disputes: [],
      decline: null,
      method: null,
      bookingId: null,
      paymentId: 'pay_1_1',
    });
  });

  it('can be called off, twice', async () => {
    const ref = await refOf();
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
    expect(await gateway.close(ref)).toEqual({ kind: 'closed' });
  });

  it.each(['pi_1', '', 'pay_1_1', 'pay_1_1:12', 'pay_1_1:-5USD'])('is not invented from %j', async (ref) => {
    await expect(gateway.look(ref)).rejects.toMatchObject({ name: 'GatewayRejected' });
    await expect(gateway.close(ref)).rejects.toMatchObject({ name: 'GatewayRejected' });
  });

  it('takes nothing later, for nothing is held', async () => {
    expect(await gateway.capture(await refOf())).toMatchObject({ kind: 'refused' });
  });

  it('is given back by hand', async () => {
    const refund: RefundOrder = {
      refundId: 'rf_1',
      bookingId: 'bk_1',
      paymentRef: await refOf(),
      amount: order.amount,
      reason: 'test',
      beside: { returned: money(0, order.amount.currency), refs: [] },
    };
    expect(await gateway.lookRefund(refund)).toEqual({ kind: 'absent' });
    expect(await gateway.refund(refund, 'r1')).toEqual({ kind: 'pending', ref: 'desk/rf_1' });
  });

  it('has no webhooks', async () => {
    const reading = await gateway.readWebhook(Buffer.from('{}'), () => 'signed');
    expect(reading).toMatchObject({ kind: 'forged' });
  });
});
