// Carts at every stage, made over the wire as a customer would.
import type { GoldenCase, Names } from './golden.ts';
import type { Answer, Call, Shop } from './shop-bench.ts';

export const NOBODY: Call = { token: null };

export interface MadeCart {
  readonly id: string;
  readonly version: number;
  readonly items: readonly { readonly id: string; readonly quantity: number }[];
}

export const cartIn = ({ body }: Answer): MadeCart => ({
  id: String(body['id']),
  version: Number(body['version']),
  items: Array.isArray(body['items'])
    ? body['items'].map((item: unknown) => ({
        id: String(Reflect.get(Object(item), 'id')),
        quantity: Number(Reflect.get(Object(item), 'quantity')),
      }))
    : [],
});

/** One after the other, each to the cart that the one before left. */
export async function fill(
  shop: Shop,
  cart: MadeCart,
  changes: readonly [path: string, body: unknown][],
): Promise<MadeCart> {
  let now = cart;
  for (const [path, body] of changes) {
    const headers = { 'If-Match': `"${now.version}"`, 'X-Cart-Id': cart.id };
    const answer = await shop.send('POST', `/carts/${cart.id}/${path}`, { ...NOBODY, headers, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer));
    now = cartIn(answer);
  }
  return now;
}

export const SEEDED: readonly [string, unknown][] = [
  ['items', { product_id: 'batik-tote', quantity: 1 }],
  ['items', { product_id: 'kopi-blend', quantity: 2 }],
];

export async function openCart(shop: Shop, call: Call = NOBODY): Promise<MadeCart> {
  return cartIn(await shop.send('POST', '/carts', call));
}

export async function prepareCart(shop: Shop, given: GoldenCase['cart']): Promise<Names> {
  if (given === undefined) return {};
  const empty = await openCart(shop, given.startsWith('owned') ? { sub: 'alice' } : NOBODY);
  const filled = given === 'empty' || given === 'owned' ? empty : await fill(shop, empty, SEEDED);
  const cart = given === 'vouchered' ? await fill(shop, filled, [['conditions', { code: 'WELCOME10' }]]) : filled;
  const [tote, coffee] = cart.items;
  return {
    cart: cart.id,
    version: String(cart.version),
    ...(tote && coffee && { tote: tote.id, coffee: coffee.id }),
  };
}
