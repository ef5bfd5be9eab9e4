// What a customer does with the cart on its page. It is done to the cart as it is by then; only where somebody else
// changed the very thing it is about does the customer have to look again.
import { z } from 'zod';
import { differencesSince, quantityIn, seenOf } from '../../domain/cart-changes.ts';
import type { SeenCart } from '../../domain/cart-changes.ts';
import { changeQuantity, putInCart, takeOffCondition, useCode } from '../bookings.ts';
import type { CartAt, CartOutcome, CartRefusalReason, Desk, StoredCart } from '../bookings.ts';
import { refusalOf } from '../storefronts/cart/outcomes.ts';
import { differenceWords } from './words.ts';
import type { NameOf, Notice } from './words.ts';

const ProductId = z.string().min(1).max(64);
const Code = z.string().trim().min(1).max(32);
const Quantity = z
  .string()
  .trim()
  .regex(/^\d{1,7}$/)
  .transform(Number);
const Step = z.enum(['-1', '0', '1']).default('0').transform(Number);

export const CartAct = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), product_id: ProductId }),
  z.object({ kind: z.literal('set'), product_id: ProductId, quantity: Quantity, step: Step }),
  z.object({ kind: z.literal('remove'), product_id: ProductId }),
  z.object({ kind: z.literal('code'), code: Code }),
  z.object({ kind: z.literal('uncode'), code: Code }),
]);
export type CartAct = z.output<typeof CartAct>;

const Seen = z.object({ quantities: z.record(z.string(), z.int()), codes: z.array(z.string()) });

/** What cannot be read is nothing to compare with: then the cart counts as seen the way it is. */
export function seenIn(text: unknown, cart: StoredCart): SeenCart {
  const parsed = z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json);
      } catch {
        context.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(Seen)
    .safeParse(text);
  return parsed.success ? parsed.data : seenOf(cart);
}

/** More than that and somebody is playing. */
const MOST_TRIES = 10;

export interface Doing {
  readonly act: CartAct;
  readonly seen: SeenCart;
  readonly nameOf: NameOf;
}

export async function doOnPage(desk: Desk, cart: StoredCart, doing: Doing): Promise<Notice | undefined> {
  const { act, seen } = doing;
  let now = cart;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    if (!isStillMeant(act, seen, now)) break;
    const outcome = await applied(desk, now, act);
    if (outcome.kind === 'refused') return refusalNotice(outcome.reason);
    if (outcome.kind === 'changed') return changeNotice('Your cart also changed elsewhere', doing, now);
    now = outcome.cart;
  }
  const title = 'Your cart changed elsewhere, so this was not done';
  const { lines = [] } = changeNotice(title, doing, now) ?? {};
  return { tone: 'changed', title, lines: [...lines, 'Please look at it and try again.'] };
}

/** A number is meant for the number that was there; everything else means the same whatever happened meanwhile. */
function isStillMeant(act: CartAct, seen: SeenCart, now: StoredCart): boolean {
  return act.kind !== 'set' || quantityIn(seenOf(now), act.product_id) === quantityIn(seen, act.product_id);
}

async function applied(desk: Desk, cart: StoredCart, act: CartAct): Promise<CartOutcome> {
  const at: CartAt = { cartId: cart.id, version: cart.version };
  switch (act.kind) {
    case 'add':
      return putInCart(desk, at, { productId: act.product_id, quantity: 1 });
    case 'set':
      return withItem(cart, act.product_id, (itemId) =>
        changeQuantity(desk, at, { itemId, quantity: Math.max(0, act.quantity + act.step) }),
      );
    case 'remove':
      return withItem(cart, act.product_id, (itemId) => changeQuantity(desk, at, { itemId, quantity: 0 }));
    case 'code':
      return useCode(desk, at, act.code);
    case 'uncode':
      return takeOffCondition(desk, at, act.code);
  }
}

async function withItem(
  { items }: StoredCart,
  productId: string,
  change: (itemId: string) => Promise<CartOutcome>,
): Promise<CartOutcome> {
  const item = items.find((each) => each.productId === productId);
  return item ? change(item.id) : { kind: 'refused', reason: 'item_not_found' };
}

const refusalNotice = (reason: CartRefusalReason): Notice => ({
  tone: 'problem',
  title: 'That did not work',
  lines: [refusalOf(reason).publicMessage],
});

/** None where nothing changed but what the customer did. */
export function changeNotice(title: string, { seen, nameOf }: Omit<Doing, 'act'>, now: StoredCart): Notice | undefined {
  const differences = differencesSince(seen, now);
  if (differences.length === 0) return undefined;
  return { tone: 'changed', title, lines: differences.map((each) => differenceWords(each, nameOf)) };
}
