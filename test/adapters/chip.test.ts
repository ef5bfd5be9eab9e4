import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import { money } from '../../domain/money.ts';
import type { Gateway } from '../../domain/payment.ts';
import { paidBody, purchaseBody, refuses, says } from './chip-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { ScriptedVendor } from './scripted-vendor.ts';

const BRAND = '409eb80e-3782-4b1d-afa8-b779759266a5';
const NOW_MS = 1_795_000_500_000;

let chip: ScriptedVendor;
let gateway: Gateway;

beforeAll(async () => {
  chip = await startScriptedVendor();
  const config = {
    apiKey: 'chip_unit',
    brandId: BRAND,
    apiBase: `${chip.url}/api/v1/`,
    callbackUrl: 'https://pay.example/webhooks/chip',
    webhookKeys: [],
    timeoutMs: 5_000,
  };
  gateway = createChipGateway(config, () => NOW_MS);
});
afterAll(() => chip.stop());

const heard = () => chip.heard.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
const inState = (status: string) => says(purchaseBody({ status }));
const READ = `GET /purchases/pur_1/?time=${NOW_MS}`;

describe('looking at a purchase', () => {
  it('gets past caches', async () => {
    chip.say(says(paidBody()));
    expect(await gateway.look('pur_1')).toMatchObject({ status: 'succeeded', captured: money(12_900, 'MYR') });
    expect(heard()).toEqual([READ]);
  });

  it('asks for nothing else, whatever its name holds', async () => {
    chip.say(refuses('not_found', 'Not found.', 404));
    await expect(gateway.look('../webhooks')).rejects.toMatchObject({ name: 'GatewayRejected', code: 'not_found' });
    expect(chip.heard[0]?.path).toMatch(/^\/api\/v1\/purchases\/\.\.%2Fwebhooks\//);
  });
});

describe('closing a purchase', () => {
  const wrong = refuses('purchase_cancel_wrong_status');

  it('is one call where it is open', async () => {
    chip.say(inState('cancelled'));
    expect(await gateway.close('pur_1')).toEqual({ kind: 'closed' });
    expect(heard()).toEqual(['POST /purchases/pur_1/cancel/']);
  });

  it.each([
    ['cancelled', 'closed'],
    ['expired', 'closed'],
    ['released', 'closed'],
    ['blocked', 'closed'],
    ['pending_execute', 'in_flight'],
    ['pending_charge', 'in_flight'],
  ])('that is %s already answers %s', async (status, kind) => {
    chip.say(wrong, inState(status));
    expect(await gateway.close('pur_1')).toEqual({ kind });
    expect(heard()).toEqual(['POST /purchases/pur_1/cancel/', READ]);
  });

  it.each(['paid', 'settled', 'refunded', 'chargeback'])(
    'that is %s says that the payer was faster',
    async (status) => {
      chip.say(wrong, says(paidBody({ status })));
      expect(await gateway.close('pur_1')).toEqual({ kind: 'already_paid' });
    },
  );

  it('lets go of what is held', async () => {
    chip.say(wrong, inState('hold'), inState('released'));
    expect(await gateway.close('pur_1')).toEqual({ kind: 'closed' });
    expect(heard().at(-1)).toBe('POST /purchases/pur_1/release/');
  });

  it('waits for a hold that is being let go of, and sees one that was taken meanwhile', async () => {
    chip.say(wrong, inState('hold'), inState('pending_release'));
    expect(await gateway.close('pur_1')).toEqual({ kind: 'in_flight' });
    chip.say(wrong, inState('hold'), refuses('purchase_release_error'), says(paidBody()));
    expect(await gateway.close('pur_1')).toEqual({ kind: 'already_paid' });
  });

  it('claims nothing of a purchase that is refused and open all the same', async () => {
    chip.say(wrong, inState('viewed'));
    await expect(gateway.close('pur_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });

  it('that there is not needs a person', async () => {
    chip.say(refuses('not_found', 'Not found.', 404));
    await expect(gateway.close('pur_1')).rejects.toMatchObject({ name: 'GatewayRejected' });
  });
});

describe('taking what is held', () => {
  it('takes all of it', async () => {
    chip.say(says(paidBody()));
    expect(await gateway.capture('pur_1')).toEqual({ kind: 'captured' });
    expect(chip.heard[0]).toMatchObject({ path: '/api/v1/purchases/pur_1/capture/', body: '{}' });
  });

  it('twice takes once', async () => {
    chip.say(refuses('purchase_capture_wrong_status'), says(paidBody()));
    expect(await gateway.capture('pur_1')).toEqual({ kind: 'captured' });
  });

  it('that is gone is refused in CHIP’s words', async () => {
    chip.say(refuses('purchase_capture_error', 'The bank said no.'), inState('released'));
    const refused = { kind: 'refused', code: 'purchase_capture_error', message: 'The bank said no.' };
    expect(await gateway.capture('pur_1')).toEqual(refused);
  });

  it('is unknown while CHIP is at work on it', async () => {
    chip.say(inState('pending_capture'));
    await expect(gateway.capture('pur_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
    chip.say(refuses('purchase_capture_wrong_status'), inState('pending_capture'));
    await expect(gateway.capture('pur_1')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});

describe('what was taken', () => {
  it.each([
    ['all', 'any'],
    ['full_only', 'whole_only'],
    ['partial_only', 'parts_only'],
    ['none', 'not_at_all'],
    ['a word of 2027', 'any'],
    [null, 'any'],
  ])('may go back as CHIP says of it: %s', async (refund_availability, may) => {
    chip.say(says(paidBody({ refund_availability })));
    expect(await gateway.returnable?.('pur_1')).toBe(may);
  });
});

describe('the ways to pay', () => {
  const catalogue = {
    available_payment_methods: ['fpx', 'visa', 'duitnow_qr', 'razer_tng', 'razer_atome', 'new_of_2027'],
    names: { fpx: 'Online banking (FPX)', visa: 'Visa', razer_tng: '' },
    logos: { fpx: '/static/fpx.svg', visa: 'https://cdn.example/visa.svg', duitnow_qr: 7 },
    card_methods: ['visa'],
  };

  it('are told with name, picture and group, the unknown ones too', async () => {
    chip.say(says(catalogue));
    const offered = (await gateway.paymentMethods?.('MYR')) ?? [];
    expect(offered.map(({ id, name, icon, group }) => [id, name, icon, group])).toEqual([
      ['fpx_b2c', 'Online banking (FPX)', `${chip.url}/static/fpx.svg`, 'fpx'],
      ['visa', 'Visa', 'https://cdn.example/visa.svg', 'card'],
      ['duitnow_qr', 'duitnow_qr', null, 'qr'],
      ['razer_tng', 'razer_tng', null, 'ewallet'],
      ['razer_atome', 'razer_atome', null, 'bnpl'],
      ['new_of_2027', 'new_of_2027', null, 'other'],
    ]);
    for (const { description } of offered) expect(description).toMatch(/\w/);
    expect(heard()).toEqual([`GET /payment_methods/?brand_id=${BRAND}&currency=MYR`]);
  });

  it('may be asked for a sum', async () => {
    chip.say(says({ ...catalogue, card_methods: null }));
    await gateway.paymentMethods?.('MYR', money(900, 'MYR'));
    expect(heard()).toEqual([`GET /payment_methods/?brand_id=${BRAND}&currency=MYR&amount=900`]);
  });

  it('are unknown, not none, when CHIP does not say', async () => {
    chip.say(says([]));
    await expect(gateway.paymentMethods?.('MYR')).rejects.toMatchObject({ name: 'GatewayUnreachable' });
  });
});
