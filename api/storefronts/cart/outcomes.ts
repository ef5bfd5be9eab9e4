// What may come of a change to a cart, as this wire answers it.
import type { CartAt, CartRefusalReason, StoredCart } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import type { ErrorKind } from '../../errors.ts';
import { MAX_QUANTITY } from '../../../domain/cart.ts';
import type { CartWire } from './wire.ts';

export const etagOf = ({ version }: Pick<StoredCart, 'version'>): string => `"${version}"`;

/** The version of the cart that the asker has before him. */
export function cartAtOf({ id }: StoredCart, ifMatch: string | undefined): CartAt {
  if (ifMatch === undefined)
    throw new VisibleError('precondition_required', 'Say which version you mean: If-Match: "<version>".', {
      code: 'if_match_required',
    });
  const version = /^"([1-9]\d{0,8})"$/.exec(ifMatch)?.[1];
  if (version === undefined)
    throw new VisibleError('invalid', 'If-Match must be the version of the cart in quotes, like "7".', {
      code: 'invalid_if_match',
    });
  return { cartId: id, version: Number(version) };
}

export const staleCart = (cart: CartWire): VisibleError =>
  new VisibleError('conflict', 'The cart has changed meanwhile. Here it is as it is now.', {
    code: 'cart_version_conflict',
    headers: { ETag: etagOf(cart) },
    details: { cart },
  });

const REFUSALS: Readonly<Record<CartRefusalReason, readonly [kind: ErrorKind, message: string]>> = {
  unknown_product: ['unacceptable', 'There is no such product.'],
  unknown_code: ['unacceptable', 'There is no such voucher code.'],
  code_expired: ['unacceptable', 'This voucher code is not valid any more.'],
  code_already_applied: ['conflict', 'This voucher code is on the cart already.'],
  quantity_too_large: ['invalid', `A cart holds at most ${MAX_QUANTITY} of one product.`],
  total_too_large: ['invalid', 'The cart would cost more than can be paid at once.'],
  item_not_found: ['not_found', 'There is no such item in the cart.'],
  condition_not_found: ['not_found', 'There is no such condition on the cart.'],
  condition_required: ['conflict', 'This belongs to every cart and stays on it.'],
};

export function refusalOf(reason: CartRefusalReason): VisibleError {
  const [kind, message] = REFUSALS[reason];
  return new VisibleError(kind, message, { code: reason });
}
