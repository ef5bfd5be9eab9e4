// What a customer sees who is back from CHIP's page, by whichever of its links.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { paymentIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import { describeWith } from '../setup/parts.ts';
import { NOBODY, prepareCart } from './cart-lives.ts';
import { checkedOut, paid, payCart, TOTAL } from './checkout-lives.ts';
import type { CheckoutStage, Names } from './golden.ts';
import { openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';

const { country: _country, ...OF_PERSON } = CUSTOMER_EXAMPLE;
const PERSONAL: readonly string[] = Object.values(OF_PERSON).filter((word) => word !== undefined);

const LINKS = ['success', 'failure', 'cancel'] as const;

describeWith('postgres', 'the page that CHIP sends its customers back to', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const at = async (stage: CheckoutStage): Promise<Names> => checkedOut(shop, await prepareCart(shop, 'filled'), stage);
  const open = async (path: string, headers: Record<string, string> = { Accept: 'text/html' }) => {
    const response = await shop.request('GET', path, { ...NOBODY, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it.each<[CheckoutStage, string, boolean]>([
    ['asked', 'waiting for your bank', true],
    ['processing', 'waiting for your bank', true],
    ['paid', 'your order is paid', false],
    ['partly_refunded', 'your order is paid', false],
    ['refunded', 'Your order was given back', false],
    ['failed', 'Nothing was paid', false],
    ['declined', 'Nothing was paid', false],
    ['left', 'Nothing was paid', false],
    ['expired', 'Nothing was paid', false],
    ['closed', 'This payment is closed', false],
  ])('tells of a checkout that is %s the same by every link: %s', async (stage, words, looksAgain) => {
    const { cart, order } = await at(stage);
    for (const link of LINKS) {
      const { status, headers, text } = await open(`/checkout/${link}/${cart}`);
      expect([link, status, headers.get('Content-Type')]).toEqual([link, 200, 'text/html; charset=UTF-8']);
      expect(/<h1>(.*)<\/h1>/.exec(text)?.[1]).toContain(words);
      expect(text).toContain('Kopitiam blend coffee');
      expect(text.includes(String(order))).toBe(['paid', 'partly_refunded', 'refunded'].includes(stage));
      expect(headers.get('Refresh')).toBe(looksAgain ? '3' : null);
      expect(headers.get('Cache-Control')).toBe('no-store');
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
      expect(PERSONAL.filter((word) => text.includes(word))).toEqual([]);
    }
  });

  it('denies no money that CHIP took in another sum than it was asked for', async () => {
    const { cart, payment = '', booking = '' } = await at('asked');
    const taken = { amount: money(15_000, 'MYR'), capturedAt: new Date().toISOString(), fee: null, method: null };
    await shop.door.record(booking, { type: 'payment.captured', paymentId: payment, ...taken, wireStatus: 'paid' });
    for (const link of LINKS) {
      const { text } = await open(`/checkout/${link}/${cart}`);
      expect(text).toContain('<h1>Your payment was not what we asked for</h1>');
      expect(text).toContain('It goes back to you in full.');
      expect(text).toContain('Try again');
      expect(text).not.toMatch(/Nothing was paid|no money was taken/);
    }
  });

  it('denies no money that came too late', async () => {
    const { cart, payment = '', booking = '' } = await at('expired');
    const [captured] = paid(booking);
    if (captured) await shop.door.record(booking, captured);
    // It may still buy the order, or go back.
    expect((await open(`/checkout/success/${cart}`)).text).toContain('waiting for your bank');
    const why = { cause: 'late', reason: 'too late', actor: 'workflow', needsApproval: false } as const;
    const back = { type: 'refund.requested', refundId: 'rf_late', paymentId: payment, amount: TOTAL, ...why } as const;
    await shop.door.record(booking, back);
    expect((await open(`/checkout/success/${cart}`)).text).toContain('<h1>This payment is closed</h1>');
  });

  it('takes the order of an earlier payment for no payment of the next one', async () => {
    const { cart, booking = '' } = await at('refunded');
    const paymentId = paymentIdOf(booking, 2);
    const state = { status: 'requires_payment_method', wireStatus: 'viewed' } as const;
    const about = {
      gateway: 'chip',
      ref: `purchase_${paymentId}`,
      amount: TOTAL,
      expiresAt: '2099-05-04T10:00:00.000Z',
    } as const;
    const left = { type: 'payment.abandoned', paymentId, as: 'cancelled', declines: 0, note: 'left' } as const;
    await shop.door.record(booking, { type: 'payment.opened', paymentId, attempt: 2, ...about, ...state }, left);
    expect((await open(`/checkout/cancel/${cart}`)).text).toContain('<h1>Nothing was paid</h1>');
  });

  it('promises nothing back for an order that was cancelled on terms that give nothing', async () => {
    const { cart, order, booking = '' } = await at('paid');
    await shop.door.record(booking, { type: 'booking.cancelled', reason: 'asked', actor: 'staff-1' });
    const { text } = await open(`/checkout/success/${cart}`);
    expect(text).toContain('<h1>Your order is cancelled</h1>');
    expect(text).toContain(`Order ${order}. What comes back by its terms stands in our mail.`);
    expect(text).not.toContain('on its way');
  });

  it('says of a cancelled order whose money goes back that it does', async () => {
    const { cart, payment = '', booking = '' } = await at('paid');
    const why = { cause: 'cancellation', reason: 'asked', actor: 'staff-1', needsApproval: false } as const;
    await shop.door.record(
      booking,
      { type: 'booking.cancelled', reason: 'asked', actor: 'staff-1' },
      { type: 'refund.requested', refundId: 'rf_back', paymentId: payment, amount: money(5_000, 'MYR'), ...why },
    );
    expect((await open(`/checkout/success/${cart}`)).text).toContain('<h1>Your order was given back</h1>');
  });

  it('asks CHIP before it says anything, and says by which link the customer came', async () => {
    const { cart, booking = '' } = await at('asked');
    const asked: unknown[] = [];
    const inner = { ...shop.door };
    shop.door.checkPayment = async (id, request) => {
      asked.push(request);
      await payCart(shop.door, booking);
      return inner.checkPayment(id, request);
    };
    const { text } = await open(`/checkout/cancel/${cart}`);
    Object.assign(shop.door, inner);
    expect(text).toContain('your order is paid');
    expect(asked).toEqual([{ paymentRef: expect.stringMatching(/^purchase_/), cameBack: 'cancelled' }]);
  });

  it.each([
    ['success', undefined],
    ['failure', 'failed'],
    ['cancel', 'cancelled'],
  ] as const)('by its %s link notes %s', async (link, cameBack) => {
    const { cart } = await at('asked');
    const asked: unknown[] = [];
    const inner = { ...shop.door };
    shop.door.checkPayment = async (id, request) => {
      asked.push(request.cameBack);
      return inner.checkPayment(id, request);
    };
    await open(`/checkout/${link}/${cart}`);
    Object.assign(shop.door, inner);
    expect(asked).toEqual([cameBack]);
  });

  it('waits on its own page while the booking does not answer', async () => {
    const { cart } = await at('asked');
    shop.door.instead.set('checkPayment', { kind: 'slow' });
    const { status, headers } = await open(`/checkout/success/${cart}`);
    expect([status, headers.get('Refresh')]).toEqual([200, '3']);
  });

  it.each(['00000000-0000-4000-8000-000000000000', 'none', '%3Cscript%3E'])(
    'says as a page that there is no such checkout: %s',
    async (reference) => {
      for (const link of LINKS) {
        const { status, headers, text } = await open(`/checkout/${link}/${reference}`);
        expect([status, headers.get('Content-Type')]).toEqual([404, 'text/html; charset=UTF-8']);
        expect(text).toContain('There is no such checkout.');
        expect(text).not.toContain('<script>');
      }
    },
  );

  it('is JSON for who accepts JSON first, and a page for everybody else', async () => {
    const { cart } = await at('paid');
    const typeFor = async (accept?: string) => {
      const { headers } = await open(`/checkout/success/${cart}`, accept === undefined ? {} : { Accept: accept });
      return headers.get('Content-Type')?.split(';')[0];
    };
    expect(await typeFor('application/json')).toBe('application/json');
    expect(await typeFor('application/json, text/plain, */*')).toBe('application/json');
    for (const accept of [undefined, '*/*', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'])
      expect(await typeFor(accept)).toBe('text/html');
  });
});
