import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startBench } from './chip-bench.ts';
import { eventually } from './http.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const card = (number: string, more: Record<string, string> = {}) => ({
  outcome: '',
  payment_method: 'card',
  number,
  exp_month: '12',
  exp_year: '2040',
  cvc: '123',
  ...more,
});
const GOOD = '4444 3333 2222 1111';
const ASKS = '5555555555554444';
const place = (response: Response) => [response.status, response.headers.get('location')];

describe('the hosted page', () => {
  it('shows what is bought, every way to pay and the banks, and is seen once', async () => {
    const { id } = await bench.made();
    const shown = await bench.look(id, '?preferred=duitnow_qr&fpx_bank_code=BIMB0340');
    const text = await shown.text();
    for (const part of ['MYR 100.00', 'Batik scarf', 'Touch &#39;n Go', 'Maybank2u']) expect(text).toContain(part);
    expect(text.indexOf('value="duitnow_qr"')).toBeLessThan(text.indexOf('value="fpx"'));
    expect(text).toMatch(/value="BIMB0340"\s+selected/);
    await bench.look(id);
    expect((await bench.read(id)).status_history).toMatchObject([{ status: 'created' }, { status: 'viewed' }]);
  });

  it('takes money, knows its fee and sends the payer to the shop', async () => {
    const { id } = await bench.made();
    const response = await bench.pay(id, { payment_method: 'fpx', fpx_bank_code: 'MB2U0227' });
    expect(place(response)).toEqual([303, 'http://shop.example/success/cart-1']);
    expect(await bench.read(id)).toMatchObject({
      status: 'paid',
      payment: { amount: 10_000, net_amount: 9_900, fee_amount: 100, currency: 'MYR', payment_type: 'purchase' },
      refundable_amount: 10_000,
      refund_availability: 'all',
      transaction_data: {
        payment_method: 'fpx',
        extra: { bank_name: 'Maybank2u' },
        attempts: [{ type: 'execute', successful: true, error: null }],
      },
    });
  });

  it('fails and lets the payer try again, newest try first', async () => {
    const { id } = await bench.made();
    expect(place(await bench.pay(id, { outcome: 'failed', payment_method: 'fpx' }))).toEqual([
      303,
      'http://shop.example/failure/cart-1',
    ]);
    expect(await bench.read(id)).toMatchObject({
      status: 'error',
      payment: null,
      transaction_data: { attempts: [{ successful: false, error: { code: 'insufficient_funds' } }] },
    });
    await bench.pay(id, { payment_method: 'razer_tng' });
    const { status, transaction_data } = await bench.read(id);
    expect([status, transaction_data.attempts.map(({ successful }) => successful)]).toEqual(['paid', [true, false]]);
  });

  it('with one try only is closed by a failure', async () => {
    const { id } = await bench.made({ purchase: { single_attempt: true } });
    await bench.pay(id, { outcome: 'failed' });
    expect((await bench.pay(id)).status).toBe(410);
    expect(await bench.read(id)).toMatchObject({ status: 'error' });
  });

  it('leads back to the shop without cancelling anything', async () => {
    const { id } = await bench.made();
    for (const response of [await bench.pay(id, { outcome: 'cancelled' }), await bench.look(id, 'cancel')])
      expect(place(response)).toEqual([response.status, 'http://shop.example/cancel/cart-1']);
    expect(await bench.read(id)).toMatchObject({ status: 'created' });
  });

  it('takes nothing twice', async () => {
    const { id } = await bench.paid();
    const again = await bench.pay(id);
    expect([again.status, await again.text()]).toEqual([200, expect.stringContaining('paid already')]);
    expect((await bench.read(id)).transaction_data.attempts).toHaveLength(1);
  });

  it('knows no other purchases, outcomes and methods than there are', async () => {
    const { id } = await bench.made({ payment_method_whitelist: ['visa'] });
    expect((await bench.look('nobody')).status).toBe(404);
    expect((await bench.pay(id, { outcome: 'maybe' })).status).toBe(400);
    expect((await bench.pay(id, { payment_method: 'fpx' })).status).toBe(400);
    expect((await bench.look(id)).status).toBe(200);
    expect(await (await bench.look(id)).text()).not.toContain('value="fpx"');
  });

  it.each([
    ['pending', 'paid', 10_000],
    ['pending_failed', 'error', undefined],
  ])('keeps money on its way that ends as %s', async (outcome, end, amount) => {
    const { id } = await bench.made();
    expect((await bench.pay(id, { outcome })).status).toBe(200);
    expect(await bench.read(id)).toMatchObject({ status: 'pending_execute', payment: null });
    expect((await bench.call('POST', `/purchases/${id}/cancel/`)).status).toBe(400);
    await eventually(async () => expect((await bench.read(id)).status).toBe(end));
    expect((await bench.read(id)).payment?.['amount']).toBe(amount);
  });
});

describe('a card', () => {
  const pay = async (form: Record<string, string>) => {
    const { id } = await bench.made();
    const response = await bench.pay(id, form);
    return { response, purchase: await bench.read(id) };
  };

  it('that is good pays and is remembered by its ends only', async () => {
    const { purchase } = await pay(card(GOOD));
    expect(purchase).toMatchObject({
      status: 'paid',
      transaction_data: { payment_method: 'visa', extra: { masked_pan: '444433******1111', card_brand: 'visa' } },
    });
    expect(JSON.stringify(bench.sim.state.purchases.values())).not.toContain('4444333322221111');
  });

  it.each([
    [card('4242424242424242'), 'invalid_card_number'],
    [card(GOOD, { cvc: '124' }), 'validation_cvc_invalid'],
    [card(GOOD, { exp_month: '1', exp_year: '24' }), 'expired_card'],
    [card(ASKS, { bank: 'fail' }), '3ds_authentication_failed'],
  ])('%j fails with %s', async (form, code) => {
    const { response, purchase } = await pay(form);
    expect(response.status).toBe(303);
    expect(purchase).toMatchObject({ status: 'error', transaction_data: { attempts: [{ error: { code } }] } });
  });

  it('is good until the end of its month', async () => {
    const now = new Date();
    const form = card(GOOD, { exp_month: String(now.getUTCMonth() + 1), exp_year: String(now.getUTCFullYear() % 100) });
    expect((await pay(form)).purchase.status).toBe('paid');
  });

  it('whose bank asks pays after the answer', async () => {
    const { response, purchase } = await pay(card(ASKS));
    expect([response.status, purchase.status]).toEqual([200, 'created']);
    expect(await response.text()).toContain('name="bank" value="pass"');
    await bench.pay(purchase.id, card(ASKS, { bank: 'pass' }));
    expect(await bench.read(purchase.id)).toMatchObject({
      status: 'paid',
      transaction_data: { payment_method: 'mastercard' },
    });
  });
});

describe('a hold', () => {
  const held = () => bench.paid({ skip_capture: true });
  const act = async (id: string, verb: string, body?: object) => bench.call('POST', `/purchases/${id}/${verb}/`, body);

  it('takes no money until it is captured, and then once', async () => {
    const { id, status, payment } = await held();
    expect([status, payment]).toEqual(['hold', null]);
    expect((await act(id, 'cancel')).status).toBe(400);
    expect((await act(id, 'capture', { amount: 10_001 })).body).toMatchObject({ amount: [{ code: 'max_value' }] });
    expect((await act(id, 'capture', { amount: 4_000 })).body).toMatchObject({
      status: 'paid',
      payment: { amount: 4_000 },
      refundable_amount: 4_000,
    });
    expect((await act(id, 'capture')).body).toMatchObject({ __all__: [{ code: 'purchase_capture_wrong_status' }] });
  });

  it('is let go of once', async () => {
    const { id } = await held();
    expect((await act(id, 'release')).body).toMatchObject({ status: 'released', payment: null });
    expect((await act(id, 'release')).body).toMatchObject({ __all__: [{ code: 'purchase_release_wrong_status' }] });
  });

  it('lets go of itself in the end', async () => {
    await bench.tell('settings', { holdMs: 30 });
    const { id } = await held();
    await eventually(async () => expect((await bench.read(id)).status).toBe('released'));
  });
});
