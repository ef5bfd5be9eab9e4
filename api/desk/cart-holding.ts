// Who may see and change a cart: whoever knows its id, unless it is a signed-in customer's.
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { findCart } from '../../db/carts.ts';
import type { StoredCart } from '../../db/carts.ts';
import { BACK_OFFICE, forbidden } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { VisibleError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import type { Desk } from './desk.ts';

/** How far the asker is known: `reference` has named the cart in the path and nothing else. */
type CartHold = 'staff' | 'owner' | 'holder' | 'reference';

interface HeldCart {
  readonly cart: StoredCart;
  readonly hold: CartHold;
}

const COOKIE = 'hf_cart';
const COOKIE_LIFETIME_S = 30 * 86_400;
const CART_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Behind `auth.optional`. What is nobody's of the asker is answered like what is not there. */
export async function heldCart(c: Context<AppEnv>, desk: Desk, cartId: string): Promise<HeldCart> {
  const cart = await cartById(desk, cartId);
  const hold = cart && holdOf(c, cart);
  if (!hold) throw new VisibleError('not_found', 'There is no such cart.', { code: 'cart_not_found' });
  return { cart, hold };
}

export const cartById = async ({ db }: Desk, cartId: string): Promise<StoredCart | undefined> =>
  CART_ID.test(cartId) ? findCart(db, cartId) : undefined;

/** A token may belong to whom it likes, as long as it is good here. */
export function shopper(c: Context<AppEnv>): Principal | undefined {
  const principal = c.get('principal');
  if (principal?.storefront && principal.storefront !== 'cart')
    throw forbidden('The token is limited to another storefront.');
  return principal;
}

/** Undefined: for the asker there is no such cart. */
export function holdOf(c: Context<AppEnv>, { id, ownerSub }: StoredCart): CartHold | undefined {
  const principal = shopper(c);
  if (principal && BACK_OFFICE.includes(principal.role)) return 'staff';
  if (principal && principal.sub === ownerSub) return 'owner';
  if ([c.req.header('X-Cart-Id'), c.req.query('cart_id'), getCookie(c, COOKIE)].includes(id)) return 'holder';
  return ownerSub === null ? 'reference' : undefined;
}

/** The cart of this browser; none when it has none, or one that is not there any more. */
export async function browsersCart(c: Context<AppEnv>, desk: Desk): Promise<StoredCart | undefined> {
  const id = getCookie(c, COOKIE);
  return id === undefined ? undefined : cartById(desk, id);
}

export function giveBrowserCart(c: Context<AppEnv>, { config }: Desk, { id }: StoredCart): void {
  setCookie(c, COOKIE, id, {
    httpOnly: true,
    sameSite: 'Lax',
    secure: config.publicUrl.startsWith('https:'),
    path: '/',
    maxAge: COOKIE_LIFETIME_S,
  });
}
