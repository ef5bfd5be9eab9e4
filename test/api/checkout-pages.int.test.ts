// What a customer sees who is back from CHIP's page, by whichever of its links.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { describeWith } from '../setup/parts.ts';
import { NOBODY, prepareCart } from './cart-lives.ts';
import { checkedOut, payCart } from './checkout-lives.ts';
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
