// Whether an order was taken back, by answers that leave half of it out: it must never be thought gone when it may stand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKlook } from '../../adapters/suppliers/klook.ts';
import { money } from '../../domain/money.ts';
import type { Supplier } from '../../domain/supply.ts';
import { detailBody, notFound, refuses, says } from './klook-objects.ts';
import { startScriptedVendor } from './scripted-vendor.ts';
import type { Line, ScriptedVendor } from './scripted-vendor.ts';

let server: ScriptedVendor;
let klook: Supplier;

beforeAll(async () => {
  server = await startScriptedVendor();
  klook = createKlook({ apiKey: 'key-1', apiBase: server.url, timeoutMs: 5_000 });
});
afterAll(() => server.stop());

const none = { kind: 'none' };
const processing = { kind: 'processing' };
const approved = { kind: 'approved', returned: money(9_100, 'SGD'), penalty: money(1_000, 'SGD') };
const unreachable = { name: 'SupplierUnreachable' };
const figures = { refund_amount: '91.00', transaction_fee: '10.00', currency: 'SGD' };

const said = (body: object): Line => says({ success: true, ...body });
const stands = says(detailBody({ confirm_status: 'confirmed', transaction_status: 'paid' }));
const over = (transaction_status: string | null, more: object = {}): Line =>
  says(detailBody({ confirm_status: 'canceled', transaction_status, ...more }));

const lookCancel = (...lines: Line[]) => {
  server.say(...lines);
  return klook.lookCancel('KL1');
};
const cancel = (...lines: Line[]) => {
  server.say(...lines);
  return klook.cancel('KL1');
};

describe('an order that nobody cancelled', () => {
  it.each([
    ['an empty result', { result: [] }],
    ['an empty result under an envelope of its own', { status: 'success', result: [] }],
    ['an empty object', { result: {} }],
    ['null', { result: null }],
    ['empty data', { data: [] }],
    ['nothing at all', {}],
    ['a message', { message: 'no cancellation request' }],
    ['the order number alone', { klook_order_no: 'KL1', order_id: 'KL1', timestamp: 1, currency: 'SGD' }],
    ['zero values', { result: [{ status: '', cancel_confirm_time: '', finance_info: { refund_amount: '0.00' } }] }],
    ['a word for it', { status: 'NONE' }],
    ['another word for it', { result: [{ status: 'not_applied' }] }],
  ])('has no state: %s', async (_, body) => {
    expect(await lookCancel(said(body))).toEqual(none);
    expect(server.heard).toHaveLength(1);
  });

  it('is being cancelled once Klook took the request, however little it says', async () => {
    for (const body of [{}, { result: [] }, { status: 'none' }, { data: [] }])
      expect(await cancel(said(body))).toEqual(processing);
  });
});

describe('an approved cancellation', () => {
  it.each(['approved', 'APPROVED', 'success'])('may be called %s', async (status) => {
    expect(await lookCancel(said({ status, ...figures }))).toEqual(approved);
    expect(await lookCancel(said({ result: [{ status, finance_info: figures }] }))).toEqual(approved);
    expect(await lookCancel(said({ data: [{ status, ...figures }] }))).toEqual(approved);
    expect(await cancel(said({ data: [{ status, ...figures }] }))).toEqual(approved);
  });

  it.each(['canceled', 'CANCELLED', 'refunded'])(
    'may be called %s once the order is over: said of the request, the word takes it back',
    async (status) => {
      for (const body of [{ status, ...figures }, { result: [{ status, finance_info: figures }] }]) {
        expect(await lookCancel(said(body), over('refunded'))).toEqual(approved);
        expect(await lookCancel(said(body), stands)).toEqual(processing);
        expect(await cancel(said(body), over('refunded'))).toEqual(approved);
      }
    },
  );

  const bare = said({ status: 'approved' });

  it('without figures has those of the order', async () => {
    const request = { cancelation_request: { status: 'approved', ...figures } };
    expect(await lookCancel(bare, over('refunded', request))).toEqual(approved);
    expect(await cancel(bare, over('refunded', request))).toEqual(approved);
    expect(server.heard.map(({ path }) => path)).toEqual(['/v3/orders/KL1/cancel/apply', '/v2/orders/KL1']);
  });

  it('has its figures beside an empty account of them', async () => {
    for (const finance_info of [{ currency: 'SGD' }, { refund_amount: 0, transaction_fee: 0, currency: '' }, []])
      expect(await lookCancel(said({ status: 'approved', ...figures, finance_info }))).toEqual(approved);
  });

  it('has the currency of the order where it names none', async () => {
    const { currency: _, ...amounts } = figures;
    expect(await lookCancel(said({ status: 'approved', ...amounts }), over('refunded'))).toEqual(approved);
    const empty = { refund_amount: 0, transaction_fee: 0, currency: '' };
    expect(await lookCancel(said({ status: 'approved', ...empty }), over('refunded'))).toEqual(none);
  });

  it.each(['refunded', 'unpaid', null])('of which nobody tells figures ended with the order: %s', async (word) => {
    expect(await lookCancel(bare, over(word))).toEqual(none);
    // Not told apart here from an order that was never cancelled: the next look does that.
    expect(await cancel(bare, over(word))).toEqual(processing);
  });

  it('that names a fee alone gives back the rest', async () => {
    for (const word of ['refunded', null]) {
      const fee = said({ status: 'approved', transaction_fee: '10.00' });
      expect(await lookCancel(fee, over(word))).toEqual(approved);
      expect(await cancel(fee, over(word))).toEqual(approved);
    }
  });

  it('gives nothing back where it says so: in words, or of an order that has no money to return', async () => {
    const amounts = { refund_amount: '0.00', transaction_fee: '0.00' };
    const nothing = { kind: 'approved', returned: money(0, 'SGD'), penalty: money(0, 'SGD') };
    expect(await lookCancel(said({ status: 'approved', ...amounts }), over(null))).toEqual(nothing);
    const strict = { status: 'canceled', ...amounts, currency: 'SGD' };
    expect(await lookCancel(said(strict), over('paid'))).toEqual(nothing);
    server.say(over('paid', { cancelation_request: strict }));
    expect(await klook.look('KL1')).toMatchObject({ status: 'canceled', cancellation: nothing });
  });

  it('is not believed while the order stands', async () => {
    expect(await lookCancel(bare, stands)).toEqual(processing);
    expect(await lookCancel(bare, notFound)).toEqual(processing);
    expect(await cancel(bare, stands)).toEqual(processing);
  });

  it('is not guessed at while our money is still there', async () => {
    await expect(lookCancel(bare, over('paid'))).rejects.toMatchObject(unreachable);
    await expect(cancel(bare, over('paid'))).rejects.toMatchObject(unreachable);
  });
});

it('an order of which it says too little hides no other in a list', async () => {
  const undecided = detailBody({ confirm_status: 'canceled', transaction_status: 'paid' });
  const asked = { ...undecided, cancelation_request: { status: 'approved' } };
  server.say(says({ bookings: [asked, { ...undecided, klook_order_no: 'KL2' }] }));
  const listed = await klook.list?.(new Date(), 1);
  expect(listed).toMatchObject({ orders: [{ status: 'canceled' }, { orderNo: 'KL2' }] });
});

describe('figures without a word', () => {
  const v2 = said({ cancelation_id: 'KR1', timestamp: '2026-12-01 10:00:00', ...figures });

  it('count once the order is over', async () => {
    expect(await lookCancel(v2, over('refunded'))).toEqual(approved);
    expect(await cancel(v2, over('paid'))).toEqual(approved);
  });

  it('are a request under way while the order stands', async () => {
    expect(await lookCancel(v2, stands)).toEqual(processing);
    expect(await cancel(v2, stands)).toEqual(processing);
  });

  it('that are nought for a paid order are not believed', async () => {
    const nought = said({ cancelation_id: 'KR1', refund_amount: '0.00', transaction_fee: '0.00', currency: 'SGD' });
    const nothing = money(0, 'SGD');
    expect(await lookCancel(nought, over('unpaid'))).toEqual({ kind: 'approved', returned: nothing, penalty: nothing });
    expect(await lookCancel(nought, over('refunded'))).toEqual(none);
    await expect(lookCancel(nought, over('paid'))).rejects.toMatchObject(unreachable);
  });
});

describe('the request within an order', () => {
  const look = async (line: Line) => {
    server.say(line);
    return klook.look('KL1');
  };

  it.each([
    ['approved without figures', { status: 'approved' }],
    ['figures without a word', figures],
  ])('never hides a paid order that stands: %s', async (_, request) => {
    const detail = { confirm_status: 'confirmed', transaction_status: 'paid', cancelation_request: request };
    expect(await look(says(detailBody(detail)))).toMatchObject({ paid: true, cancellation: processing });
  });

  it('tells its figures, or nothing, once the order is over', async () => {
    expect(await look(over('refunded', { cancelation_request: figures }))).toMatchObject({ cancellation: approved });
    expect(await look(over('refunded', { cancelation_request: { status: 'approved' } }))).toMatchObject({
      cancellation: null,
    });
    const unsaid = over('paid', { cancelation_request: { status: 'approved' } });
    await expect(look(unsaid)).rejects.toMatchObject(unreachable);
  });

  it('is read when Klook refuses to take a second one', async () => {
    const detail = detailBody({ confirm_status: 'confirmed', cancelation_request: { status: 'approved' } });
    expect(await cancel(refuses('ALREADY_CANCELLED'), says(detail))).toEqual(processing);
  });
});
