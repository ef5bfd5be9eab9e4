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

const paidWith = (fields: object) => paidBody({ payment: { amount: 12_900, currency: 'MYR', ...fields } });
const tries = (...attempts: readonly unknown[]) => ({ transaction_data: { payment_method: 'fpx', attempts } });

describe('a payment', () => {
  it.each<[string, object]>([
    ['its time in words', paidWith({ paid_on: '2026-11-18T09:20:00Z' })],
    ['its fee in words', paidWith({ paid_on: PAID_AT_S, fee_amount: '1.00' })],
    ['no currency of its own', paidWith({ currency: null, paid_on: PAID_AT_S })],
    ['tries of another kind', paidBody(tries({ status: 'failed', channel: 'fpx', time: 'now' }, 'paid', null))],
    ['a try with an odd fault', paidBody(tries(attempt({ error: 'none', processing_time: 'now', payment_method: 7 })))],
    [
      'a history that is not all readable',
      paidBody({
        payment: { amount: 12_900, currency: '' },
        status_history: ['made', { status: 'paid', timestamp: PAID_AT_S }],
      }),
    ],
  ])('that tells %s is read all the same', async (_, body) => {
    expect(await look(body)).toMatchObject({
      status: 'succeeded',
      captured: ringgit(12_900),
      capturedAt: atIso(PAID_AT_S),
      refunded: ringgit(0),
      decline: null,
    });
  });

  it('whose fee cannot be read has none that we know of', async () => {
    expect((await look(paidWith({ fee_amount: '1.00' }))).fee).toBeNull();
  });

  it.each([{ amount: null }, { amount: '129.00' }, { amount: 129.5 }])('of %o is unknown', async (fields) => {
    await expect(look(paidWith(fields))).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('a history without times', () => {
  const untimed = (...words: readonly string[]) => words.map((status) => ({ status }));

  it('tells of refunds and chargebacks all the same, in the order it has', async () => {
    const status_history = untimed('paid', 'refunded', 'chargeback');
    const fact = await look(paidBody({ status: 'chargeback', status_history, refundable_amount: 8_900 }));
    expect(fact).toMatchObject({ refunded: ringgit(4_000), disputes: [{ standing: 'open', amount: ringgit(8_900) }] });
  });

  it('is none that a refund could hide behind', async () => {
    const body = paidBody({ status: 'settled', status_history: untimed('paid', 'refunded'), refundable_amount: 8_900 });
    expect((await look(body)).refunded).toEqual(ringgit(4_000));
  });
});

describe('a try that does not say how it ended', () => {
  const unsaid = (fields: object = {}) => attempt({ successful: null, ...fields });
  const fault = { code: 'insufficient_funds', message: 'No money.' };

  it('was refused where it names a fault, and else is no refusal', async () => {
    const open = (...attempts: readonly unknown[]) => look(purchaseBody({ status: 'error', ...tries(...attempts) }));
    expect((await open(unsaid({ error: fault }))).decline).toMatchObject(fault);
    expect((await open(unsaid())).decline).toBeNull();
    expect((await open({ channel: 'fpx' }, unsaid({ error: fault }))).decline).toMatchObject(fault);
  });

  it('may have been a refund, which is not made twice', async () => {
    const body = paidBody({ status: 'settled', refundable_amount: 8_900, ...tries(unsaid({ type: 'refund' })) });
    expect((await look(body)).refunded).toEqual(ringgit(4_000));
    const failed = tries(unsaid({ type: 'refund', error: fault }));
    expect((await look(paidBody(failed))).refunded).toEqual(ringgit(0));
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
