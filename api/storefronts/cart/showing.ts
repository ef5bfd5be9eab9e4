// A cart as it is shown: its payment as the booking knows it, and its customer as far as the asker may know.
import { orderIn } from '../../../domain/product.ts';
import type { Travellers } from '../../../domain/product.ts';
import { intentOn, travellersOf } from '../../bookings.ts';
import type { Desk, StoredBooking, StoredCart } from '../../bookings.ts';
import { addressWire, masked } from './order-wire.ts';
import { cartWire, snapshotWire } from './wire.ts';
import type { CartWire, IntentWire } from './wire.ts';

type Detail = 'in_full' | 'in_outline';

export async function cartShown(desk: Desk, cart: StoredCart, detail: Detail): Promise<CartWire> {
  const { intent, stored, standing } = await intentOn(desk, cart);
  if (!intent || !stored) return cartWire(cart);
  const { purchase_id, amount, cart_version, cart_snapshot, created_at, checkout_url = null, reference } = intent;
  const customer = await travellersOf(desk, stored);
  const payment_intent: IntentWire = {
    purchase_id,
    amount,
    cart_version,
    cart_snapshot: snapshotWire(cart_snapshot),
    customer_data: customer ? customerData(stored, customer, detail) : null,
    created_at,
    status: standing.status ?? intent.status,
    checkout_url,
    reference,
  };
  return cartWire(cart, { ...cart.metadata, payment_intent });
}

function customerData(
  { product }: StoredBooking,
  customer: Travellers,
  detail: Detail,
): NonNullable<IntentWire['customer_data']> {
  const order = orderIn(product);
  if (!order) throw new Error('the booking of a cart has no order');
  const person = addressWire(customer);
  const { email, name, phone, street1, city, zip_code, state, country } =
    detail === 'in_full' ? person : masked(person);
  return {
    reference: order.cartId,
    email,
    name,
    phone,
    street1,
    city,
    zip_code,
    ...(state !== null && { state }),
    country,
    payment_method_whitelist: [...order.paymentMethods],
  };
}
