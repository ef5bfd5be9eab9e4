import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import type { RefundBaseline, RefundOrder } from '../../domain/refund-order.ts';
import {
  atIso,
  attempt,
  PAID_AT_S,
  paidBody,
  paymentBody,
  purchaseBody,
  refundedBody,
  refundOrder as order,
  refuses,
  says,
} from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

const NOW_S = PAID_AT_S + 1_000;

let chip: ScriptedVendor;
let gateway: Gateway;

beforeAll(async () => {
  chip = await startScriptedVendor();
  const config = {
    apiKey: 'chip_unit',
    brandId: '409eb80e-3782-4b1d-afa8-b779759266a5',
    apiBase: `${chip.url}/api/v1`,
    callbackUrl: 'https://pay.example/webhooks/chip',
    webhookKeys: [],
    timeoutMs: 5_000,
  };
  gateway = createChipGateway(config, () => NOW_S * 1000);
});
afterAll(() => chip.stop());

const made = () => chip.heard.filter(({ method }) => method === 'POST');
const asked = (secondsAgo: number, fields: Partial<RefundOrder> = {}): RefundOrder => ({
  ...order,
  askedAt: atIso(NOW_S - secondsAgo),
  ...fields,
});
const beside = (minor: number, ...refs: readonly string[]) => ({
  beside: { returned: money(minor, 'MYR'), refs },
});
/** As CHIP tells of a purchase of which nothing went back. */
const WHOLE = { leftMinor: 12_900, attempts: 0 };
const UNKNOWN = { name: 'GatewayUnreachable' };
const NO = { code: 'purchase_refund_error', message: 'The bank said no.' };
/** Refunds that CHIP tried, the newest first: whether each was made, and how long ago. */
const tries = (...all: readonly (readonly [boolean, number])[]) => ({
  transaction_data: {
    payment_method: 'fpx',
    extra: {},
    attempts: [
      ...all.map(([successful, ago]) => {
        const how = { successful, processing_time: NOW_S - ago, ...(successful ? {} : { error: NO }) };
        return attempt({ type: 'refund', ...how });
      }),
      attempt(),
    ],
  },
});
const paid = says(paidBody());
const pending = says(paidBody({ status: 'pending_refund' }));

describe('refunding', () => {
  it('looks first, then asks for the sum', async () => {
    chip.say(paid, says(paymentBody()));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
    expect(chip.heard.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect(made()[0]).toMatchObject({ path: '/api/v1/purchases/pur_1/refund/', body: '{"amount":4000}' });
  });

  it('is not made where as much went back that no refund of ours explains', async () => {
    chip.say(says(refundedBody(8_900)));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
    expect(made()).toEqual([]);
  });

  it('is made beside others of the same sum that our books explain', async () => {
    chip.say(says(refundedBody(8_900)), says(paymentBody({ id: 'ref_2' })));
    const second = { ...order, refundId: 'rf_2', ...beside(4_000, 'ref_1') };
    expect(await gateway.refund(second, 'rf_2')).toEqual({ kind: 'succeeded', ref: 'ref_2' });
    expect(made()).toHaveLength(1);
  });

  it('is made beside a smaller one that nothing explains', async () => {
    chip.say(says(refundedBody(10_000)), says(paymentBody({ id: 'ref_2' })));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_2' });
  });

  it('may take its time', async () => {
    chip.say(paid, pending);
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'pending', ref: 'pur_1/rf_1' });
  });

  it('may be answered by the purchase', async () => {
    chip.say(paid, says(refundedBody(8_900)));
    expect(await gateway.refund(order, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
  });

  it('is not asked for while CHIP is at work on another', async () => {
    chip.say(pending);
    expect(await gateway.refund(order, 'rf_1')).toMatchObject({ kind: 'failed', code: 'refund_under_way' });
    expect(made()).toEqual([]);
  });

  it('is not asked for by a try that stood still since it was written down', async () => {
    chip.say(paid);
    await expect(gateway.refund(asked(11), 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(made()).toEqual([]);
    chip.say(paid, says(paymentBody()));
    expect(await gateway.refund(asked(9), 'rf_1')).toMatchObject({ kind: 'succeeded' });
  });

  it('is made where nothing changed since the call was written down', async () => {
    chip.say(says(refundedBody(8_900)), says(paymentBody({ id: 'ref_2' })));
    const second = { ...order, refundId: 'rf_2', ...beside(4_000, 'ref_1'), before: { leftMinor: 8_900, attempts: 0 } };
    expect(await gateway.refund(second, 'rf_2')).toEqual({ kind: 'succeeded', ref: 'ref_2' });
  });

  it('is made where CHIP never says what is left, and nothing was tried since', async () => {
    chip.say(says(paidBody({ refundable_amount: null })), says(paymentBody()));
    const silent = asked(1, { before: { leftMinor: null, attempts: 0 } });
    expect(await gateway.refund(silent, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
  });

  it('is not made where as much went back since then', async () => {
    chip.say(says(refundedBody(8_900)));
    expect(await gateway.refund({ ...order, before: WHOLE }, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
    expect(made()).toEqual([]);
  });

  it('is not known where less went back since then', async () => {
    chip.say(says(refundedBody(8_901)));
    await expect(gateway.refund({ ...order, before: WHOLE }, 'rf_1')).rejects.toMatchObject(UNKNOWN);
    expect(made()).toEqual([]);
  });

  it.each([
    ['all went back since then', 0, 12_900],
    ['CHIP tells what is left only now', 8_900, null],
  ])('is not made where %s', async (_, left, leftMinor) => {
    chip.say(says(refundedBody(left)));
    const before = { leftMinor, attempts: 0 };
    expect(await gateway.refund({ ...order, before }, 'rf_1')).toEqual({ kind: 'succeeded', ref: 'ref_1' });
    expect(made()).toEqual([]);
  });

  it('is not asked for in a state that we do not know', async () => {
    chip.say(says(refundedBody(8_900, ['ref_1'], { status: 'partially_refunded' })));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject(UNKNOWN);
    expect(made()).toEqual([]);
    chip.say(paid, refuses('purchase_refund_wrong_status'), says(paidBody({ status: 'partially_refunded' })));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject(UNKNOWN);
  });

  it('over another sum than was asked needs a person', async () => {
    chip.say(paid, says(paymentBody({ payment: { amount: 3_999, currency: 'MYR' } })));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ code: 'refund_differs' });
  });

  it.each<[string, Line]>([
    ['cut', { cut: 'before' }],
    ['cut in the middle', { cut: 'within' }],
    ['broken', { status: 502, text: '' }],
    ['something else', says({ ok: true })],
    ['a purchase that shows nothing of it', paid],
  ])('whose answer is %s is unknown', async (_, line) => {
    chip.say(paid, line);
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(made()).toHaveLength(1);
  });

  it.each<[string, Line[], object]>([
    [
      'refused by the bank',
      [refuses('purchase_refund_error', 'The acquirer says no.')],
      { kind: 'failed', code: 'purchase_refund_error', message: 'The acquirer says no.' },
    ],
    [
      'over what is left',
      [says({ amount: [{ code: 'max_value', message: 'At most 100.' }] }, 400)],
      { kind: 'nothing_left', message: 'amount: At most 100.' },
    ],
    [
      'of what went back whole already',
      [refuses('purchase_refund_not_possible', 'Refunded.'), says(refundedBody(0))],
      { kind: 'nothing_left', message: 'Refunded.' },
    ],
    [
      'that the way to pay does not take',
      [refuses('purchase_refund_not_possible', 'Only in full.'), paid],
      { kind: 'failed', code: 'purchase_refund_not_possible' },
    ],
    [
      'of what a bank took',
      [refuses('purchase_refund_wrong_status'), says(paidBody({ status: 'chargeback' }))],
      { kind: 'failed', code: 'payment_disputed' },
    ],
    [
      'that another overtook',
      [refuses('purchase_refund_wrong_status'), pending],
      { kind: 'failed', code: 'refund_under_way' },
    ],
  ])('%s answers so', async (_, lines, fact) => {
    chip.say(paid, ...lines);
    expect(await gateway.refund(order, 'rf_1')).toMatchObject(fact);
  });

  it('of what nobody paid, or that there is not, needs a person', async () => {
    chip.say(says(purchaseBody()), refuses('purchase_refund_wrong_status'), says(purchaseBody()));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ code: 'not_paid' });
    chip.say(refuses('not_found', 'Not found.', 404));
    await expect(gateway.refund(order, 'rf_1')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('looking for a refund', () => {
  it('finds it by what went back, under the name that none of the others has', async () => {
    chip.say(says(refundedBody(4_900, ['ref_1', 'ref_2'])));
    const found = { kind: 'succeeded', ref: 'ref_2' };
    expect(await gateway.lookRefund(asked(1, beside(4_000, 'ref_1')))).toEqual(found);
  });

  it('finds it under a name of ours where CHIP tells none', async () => {
    chip.say(says(paidBody({ status: 'refunded', refundable_amount: 8_900 })));
    expect(await gateway.lookRefund(asked(1))).toEqual({ kind: 'succeeded', ref: 'pur_1/rf_1' });
  });

  it('never asked for, is absent at once', async () => {
    chip.say(paid);
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'absent' });
  });

  it('asked for just now, may still be on its way: that it is not there proves nothing yet', async () => {
    chip.say(paid);
    const failure = gateway.lookRefund(asked(10));
    await expect(failure).rejects.toMatchObject({ name: 'GatewayUnreachable', retryAfterMs: 20_000 });
  });

  it('asked for a while ago and not there was not made', async () => {
    chip.say(paid);
    expect(await gateway.lookRefund(asked(31))).toEqual({ kind: 'absent' });
    chip.say(says(refundedBody(8_900)));
    expect(await gateway.lookRefund(asked(31, beside(4_000, 'ref_1')))).toEqual({ kind: 'absent' });
    chip.say(says(purchaseBody()));
    expect(await gateway.lookRefund(asked(31))).toEqual({ kind: 'absent' });
  });

  it.each([null, '0'])('is not proven absent where CHIP does not say what is left: %j', async (left) => {
    chip.say(says(paidBody({ refundable_amount: left })));
    await expect(gateway.lookRefund(asked(31))).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    chip.say(says(paidBody({ refundable_amount: left })));
    expect(await gateway.lookRefund(order)).toEqual({ kind: 'absent' });
  });

  it('is under way while CHIP says so, though less may be refundable already', async () => {
    const fields = { status: 'pending_refund' };
    chip.say(says(refundedBody(4_900, ['ref_1'], fields)));
    expect(await gateway.lookRefund(asked(31, beside(4_000, 'ref_1')))).toMatchObject({ kind: 'pending' });
  });

  it('has failed where CHIP tried since and could not', async () => {
    chip.say(says(paidBody(tries([false, 5]))));
    expect(await gateway.lookRefund(asked(10))).toEqual({ kind: 'failed', ref: null, ...NO });
    chip.say(says(paidBody(tries([false, 500]))));
    expect(await gateway.lookRefund(asked(40))).toEqual({ kind: 'absent' });
  });

  it('has not failed because another did just before', async () => {
    chip.say(says(paidBody(tries([false, 40]))));
    await expect(gateway.lookRefund(asked(3))).rejects.toMatchObject({ ...UNKNOWN, retryAfterMs: 27_000 });
  });

  it('is not absent where something went back that our books do not know, or less than they say', async () => {
    chip.say(says(refundedBody(8_901)));
    await expect(gateway.lookRefund(asked(31))).rejects.toMatchObject(UNKNOWN);
    chip.say(paid);
    await expect(gateway.lookRefund(asked(31, beside(4_000, 'ref_1')))).rejects.toMatchObject(UNKNOWN);
  });

  it('is not absent in a state that we do not know', async () => {
    chip.say(says(refundedBody(8_900, ['ref_1'], { status: 'partially_refunded' })));
    await expect(gateway.lookRefund(asked(31))).rejects.toMatchObject(UNKNOWN);
  });

  it('needs an answer', async () => {
    chip.say({ cut: 'before' });
    await expect(gateway.lookRefund(asked(31))).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('looking for a refund with what CHIP said before it was asked for', () => {
  const since = (secondsAgo: number, before: RefundBaseline = WHOLE, fields: Partial<RefundOrder> = {}) =>
    gateway.lookRefund(asked(secondsAgo, { before, ...fields }));

  it('finds it by exactly as much less, whatever our books say of the others', async () => {
    chip.say(says(refundedBody(8_900, ['ref_1', 'ref_2'], tries([true, 5], [true, 500]))));
    const found = { kind: 'succeeded', ref: 'ref_2' };
    // The first came back at CHIP, and nobody told us.
    expect(await since(31, { leftMinor: 12_900, attempts: 1 }, beside(4_000, 'ref_1'))).toEqual(found);
  });

  it('finds it where all went back, whoever sent it', async () => {
    chip.say(says(refundedBody(0, ['ref_1'], tries([true, 40]))));
    expect(await since(31)).toEqual({ kind: 'succeeded', ref: 'ref_1' });
  });

  it('of a CHIP that told nothing before goes by the sum that our books do not explain', async () => {
    const untold = { leftMinor: null, attempts: 0 };
    const both = says(refundedBody(4_900, ['ref_1', 'ref_2']));
    chip.say(both);
    expect(await since(31, untold, beside(4_000, 'ref_1'))).toEqual({ kind: 'succeeded', ref: 'ref_2' });
    chip.say(both);
    await expect(since(31, untold)).rejects.toMatchObject(UNKNOWN);
  });

  it('is absent where nothing changed, once that proves anything', async () => {
    const first = says(refundedBody(8_900, ['ref_1'], tries([false, 50], [true, 500])));
    chip.say(first);
    await expect(since(10, { leftMinor: 8_900, attempts: 2 })).rejects.toMatchObject({ retryAfterMs: 20_000 });
    chip.say(first);
    expect(await since(31, { leftMinor: 8_900, attempts: 2 })).toEqual({ kind: 'absent' });
  });

  it('has failed where one more was tried and could not be made', async () => {
    chip.say(says(paidBody(tries([false, 40], [false, 500]))));
    expect(await since(3, { leftMinor: 12_900, attempts: 1 })).toEqual({ kind: 'failed', ref: null, ...NO });
  });

  it.each([
    ['another sum went back', refundedBody(8_901, ['ref_1'], tries([true, 40])), WHOLE],
    ['more went back, which may be another', refundedBody(4_900, ['ref_1'], tries([true, 40])), WHOLE],
    ['another came back', paidBody(tries([true, 500])), { leftMinor: 8_900, attempts: 1 }],
    [
      'another came back while it was made',
      refundedBody(8_900, ['ref_1', 'ref_2'], tries([true, 5], [true, 500])),
      { leftMinor: 8_900, attempts: 1 },
    ],
    ['fewer were tried than before', paidBody(), { leftMinor: 12_900, attempts: 1 }],
    [
      'a bank took all of it',
      paidBody({ status: 'chargeback', refundable_amount: 0 }),
      { leftMinor: 4_000, attempts: 0 },
    ],
    ['CHIP does not say what is left', paidBody({ refundable_amount: null }), { leftMinor: null, attempts: 0 }],
  ])('is not known where %s', async (_, body, before) => {
    chip.say(says(body));
    await expect(gateway.lookRefund(asked(31, { before }))).rejects.toMatchObject(UNKNOWN);
  });

  it('reads it of the purchase: what is left, and how many refunds were tried', async () => {
    chip.say(says(refundedBody(8_900, ['ref_1'], tries([false, 5], [true, 500]))));
    expect(await gateway.beforeRefund?.('pur_1')).toEqual({ leftMinor: 8_900, attempts: 2 });
    chip.say(says(paidBody({ refundable_amount: null })));
    expect(await gateway.beforeRefund?.('pur_1')).toEqual({ leftMinor: null, attempts: 0 });
  });
});
