// Bodies that lack what CHIP documents, or have it in another shape: what is beside the point costs nobody a payment.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import {
  atIso,
  attempt,
  order,
  PAID_AT_S,
  paidBody,
  priceBody,
  purchaseBody,
  refundedBody,
  refundOrder,
  refuses,
  says,
} from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';

const NOW_MS = (PAID_AT_S + 3600) * 1000;
const ringgit = (minor: number) => money(minor, 'MYR');

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
  gateway = createChipGateway(config, () => NOW_MS);
});
afterAll(() => chip.stop());

function look(body: object) {
  chip.say(says(body));
  return gateway.look('pur_1');
}

const LEAST = {
  id: 'pur_1',
  status: 'created',
  checkout_url: 'https://gate.example/p/pur_1/',
  purchase: { total: 12_900, currency: 'MYR' },
};

describe('a new purchase', () => {
  it.each<[string, object]>([
    ['tells the least there can be', LEAST],
    ['says nothing of refunds', purchaseBody({ refundable_amount: null })],
    ['has an odd figure for refunds', purchaseBody({ refundable_amount: '0.00' })],
    ['does not say what it is', purchaseBody({ type: null })],
    ['does not say when it changed', purchaseBody({ updated_on: null })],
    ['tells its times in words', purchaseBody({ updated_on: '2026-11-18T09:20:00Z', created_on: 'today' })],
    ['has an empty list for its transactions', purchaseBody({ transaction_data: [] })],
    ['has words for its transactions', purchaseBody({ transaction_data: 'none' })],
    ['has an object for its tries', purchaseBody({ transaction_data: { attempts: {} } })],
    ['has an object for its history', purchaseBody({ status_history: {} })],
  ])('that %s is open all the same, and not made again', async (_, body) => {
    chip.say(says(body, 201));
    expect(await gateway.start(order, 'pay_1_1')).toMatchObject({ kind: 'redirect', ref: 'pur_1' });
    expect(chip.heard).toHaveLength(1);
    expect(await look(body)).toMatchObject({ status: 'requires_payment_method', captured: null, method: null });
  });

  it.each<[string, object]>([
    ['which it is', { ...LEAST, id: '' }],
    ['how it stands', { ...LEAST, status: null }],
    ['what it takes', { ...LEAST, purchase: { currency: 'MYR' } }],
    ['in which currency', { ...LEAST, purchase: { total: 12_900 } }],
    ['where it is paid', { ...LEAST, checkout_url: null }],
  ])('that does not say %s is unknown', async (_, body) => {
    chip.say(says(body, 201));
    await expect(gateway.start(order, 'pay_1_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('what went back of a payment', () => {
  const unsaid = { refundable_amount: null };

  it('is nothing where nothing speaks of a refund', async () => {
    expect((await look(paidBody(unsaid))).refunded).toEqual(ringgit(0));
    expect((await look(paidBody({ ...unsaid, status: 'pending_refund' }))).refunded).toEqual(ringgit(0));
  });

  it.each<[string, object]>([
    ['its state', paidBody({ ...unsaid, status: 'refunded' })],
    ['its history', refundedBody(0, ['ref_1'], { ...unsaid, status: 'settled' })],
    ['its tries', paidBody({ ...unsaid, transaction_data: { attempts: [attempt({ type: 'refund' }), attempt()] } })],
    ['its history, before a bank took the rest', refundedBody(0, ['ref_1'], { ...unsaid, status: 'chargeback' })],
  ])('is unknown where %s speaks of one and the figure is missing', async (_, body) => {
    await expect(look(body)).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    // Nor is more sent after it.
    chip.say(says(body));
    await expect(gateway.refund(refundOrder, 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    expect(chip.heard.map(({ method }) => method)).toEqual(['GET']);
  });

  it('is not called all of it where CHIP takes no refund and does not say how much is left', async () => {
    const no = refuses('purchase_refund_not_possible', 'Not so.');
    chip.say(says(paidBody(unsaid)), no, says(paidBody(unsaid)));
    const failed = { kind: 'failed', code: 'purchase_refund_not_possible' };
    expect(await gateway.refund(refundOrder, 'rf_1')).toMatchObject(failed);
    chip.say(says(paidBody(unsaid)), no, says(paidBody({ ...unsaid, status: 'refunded' })));
    await expect(gateway.refund(refundOrder, 'rf_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('when it was', () => {
  const timeless = { status_history: null, payment: { amount: 12_900, currency: 'MYR' } };

  it.each<[string, object, number]>([
    ['last changed', { updated_on: PAID_AT_S + 60 }, PAID_AT_S + 60],
    ['made, for want of better', { updated_on: null, created_on: PAID_AT_S - 60 }, PAID_AT_S - 60],
    ['looked at, for want of any', { updated_on: null, created_on: null }, NOW_MS / 1000],
  ])('paid, untold, is when it was %s', async (_, fields, seconds) => {
    expect((await look(paidBody({ ...timeless, ...fields }))).capturedAt).toBe(atIso(seconds));
  });

  it('held, untold, is when we hear of it', async () => {
    const held = { ...LEAST, status: 'hold', purchase: priceBody() };
    expect((await look(held)).heldUntil).toBe(atIso(NOW_MS / 1000 + 7 * 24 * 3600));
  });

  it('taken by a bank, untold, decides nothing against us', async () => {
    const { disputes } = await look(
      paidBody({ ...timeless, status: 'chargeback', updated_on: null, created_on: null }),
    );
    expect(disputes).toMatchObject([{ standing: 'open', amount: ringgit(12_900) }]);
  });
});
