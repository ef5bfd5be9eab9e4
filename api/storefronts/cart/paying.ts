// From what a customer says at the checkout to the payment that is asked for, for programs and for the shop's own page.
import type { z } from '@hono/zod-openapi';
import type { Travellers } from '../../../domain/product.ts';
import { checkOut } from '../../bookings.ts';
import type { Desk, StoredCart, ToPay } from '../../bookings.ts';
import type { Customer } from './customer.ts';
import { staleCart } from './outcomes.ts';
import { cartShown } from './showing.ts';

export interface Paying {
  readonly cart: Pick<StoredCart, 'id' | 'ownerSub'>;
  /** Who is signed in, if anybody. */
  readonly payer: string | undefined;
  readonly customer: z.output<typeof Customer>;
  readonly paymentMethods: readonly string[] | undefined;
}

export async function payFor(desk: Desk, { cart, payer, customer, paymentMethods = [] }: Paying): Promise<ToPay> {
  // Without an account the cart itself stands for its holder.
  const ownerSub = cart.ownerSub ?? payer ?? `cart:${cart.id}`;
  const checkout = await checkOut(desk, {
    cartId: cart.id,
    ownerSub,
    customer: travellersFrom(customer),
    paymentMethods,
  });
  if (checkout.kind === 'cart_keeps_changing') throw staleCart(await cartShown(desk, checkout.cart, 'in_outline'));
  return checkout;
}

function travellersFrom({ name, email, phone: mobile, ...where }: z.output<typeof Customer>): Travellers {
  const { street1: street, city, zip_code: zip, state = null, country } = where;
  return {
    contact: { firstName: name, familyName: '', email, mobile, country },
    passengers: [],
    bookingExtra: [],
    unitExtra: [],
    address: { street, city, zip, state, country },
  };
}
