// What a browser of the shop does: fill a cart, ask for its payment, pay on CHIP's page, come back.
import { ask, askAgain, json } from './shop.ts';
import type { Answer, JsonObject } from './shop.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export const CUSTOMER = {
  name: 'Aisyah Rahman',
  email: 'aisyah@example.com',
  phone: '+60123456789',
  street1: '12 Jalan Telawi',
  city: 'Kuala Lumpur',
  zip_code: '59100',
  country: 'MY',
};

export interface Purchase {
  readonly purchase_id: string;
  readonly checkout_url: string;
  readonly reference: string;
  readonly reused_intent?: true;
}

/** A tote and two bags of coffee: the seed's 112.00, 129.00 with shipping, tax and packing. */
const SEED_CART = [
  ['batik-tote', 1],
  ['kopi-blend', 2],
] as const;

export function cartShop(stack: Stack) {
  const { apiUrl, chip } = stack;
  const read = (path: string): Promise<Answer> => ask(apiUrl + path, { headers: { accept: 'application/json' } });
  const send = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const { method, body: text, headers: content } = json(body);
    return ask(apiUrl + path, { method, body: text, headers: { ...content, ...headers } });
  };
  const cart = async (id: string): Promise<JsonObject> => (await read(`/carts/${id}`)).body;

  const change = async (id: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const { version } = await cart(id);
    const headers = { 'content-type': 'application/json', 'if-match': `"${String(version)}"` };
    return ask(`${apiUrl}/carts/${id}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const put = (id: string, product_id: string, quantity: number): Promise<Answer> =>
    change(id, 'POST', '/items', { product_id, quantity });

  return {
    read,
    send,
    cart,
    change,
    put,
    filled: async (): Promise<string> => {
      const id = String((await send('/carts', {})).body['id']);
      for (const [product, quantity] of SEED_CART) await put(id, product, quantity);
      return id;
    },
    checkOut: async (cart_id: string, customer: object = CUSTOMER): Promise<Purchase> => {
      const answer = await askAgain(() => send('/checkout', { cart_id, customer }));
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      return answer.body as unknown as Purchase;
    },
    /** On CHIP's page; answers with where it sends the browser. */
    pay: async ({ checkout_url }: Purchase, outcome = 'paid', payment_method = 'fpx'): Promise<string | null> => {
      const body = new URLSearchParams({ outcome, payment_method });
      const answer = await ask(checkout_url, { method: 'POST', body });
      if (answer.status !== 302 && answer.status !== 303)
        throw new Error(`${answer.status} ${answer.text.slice(0, 300)}`);
      return answer.headers.get('location');
    },
    back: async (link: 'success' | 'failure' | 'cancel', reference: string): Promise<JsonObject> =>
      (await askAgain(() => read(`/checkout/${link}/${reference}`))).body,
    /** What the stand-in is to say, true or not. */
    told: (event: string, body: object): Promise<Answer> => ask(`${chip.url}/_sim/webhooks/${event}`, json(body)),
    set: (settings: object): Promise<Answer> => ask(`${chip.url}/_sim/settings`, json(settings)),
    order: (number: string, id: string): Promise<Answer> =>
      ask(`${apiUrl}/orders/${number}`, { headers: { 'x-cart-id': id } }),
    ordersOf: (id: string) =>
      stack.rows<{ order_number: string; status: string; total_minor: string }>(
        'select order_number, status, total_minor from orders where cart_id = $1 order by created_at',
        [id],
      ),
    atChip: (purchaseId: string) => chip.state.purchases.get(purchaseId),
  };
}

export type CartShop = ReturnType<typeof cartShop>;

export const untilOrdered = (shop: CartShop, id: string, count = 1) =>
  until({
    what: `${count} order of cart ${id}`,
    look: async () => {
      const found = await shop.ordersOf(id);
      return found.length >= count ? found : undefined;
    },
    withinMs: 30_000,
    instead: () => shop.ordersOf(id),
  });
