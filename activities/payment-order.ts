// A payment attempt as its gateway is asked for it.
import type { StoredBooking } from '../db/bookings.ts';
import { paymentIdOf } from '../domain/ids.ts';
import type { Gateway, Payer, PaymentLine, PaymentOrder, ReturnUrls } from '../domain/payment.ts';
import { orderIn, soldOf } from '../domain/product.ts';
import type { Product, Travellers } from '../domain/product.ts';
import { gatewayOf } from '../domain/routing.ts';
import type { Deps } from './deps.ts';
import { travellersOf } from './travellers.ts';

interface Opening {
  readonly paymentId: string;
  readonly gateway: Gateway;
  readonly order: PaymentOrder;
}

export async function paymentOrderOf(
  deps: Deps,
  { booking, product }: StoredBooking,
  attempt: number,
): Promise<Opening> {
  const paymentId = paymentIdOf(booking.id, attempt);
  const gateway = deps.gateways[gatewayOf(product)];
  const goods = orderIn(product);
  const order = {
    paymentId,
    bookingId: booking.id,
    bookingNumber: booking.number,
    storefront: booking.storefront,
    amount: booking.charge,
    capture: isTakenLater(product) ? ('manual' as const) : ('automatic' as const),
    expiresAt: booking.expiresAt,
    returnUrls: goods
      ? pagesOf(deps.checkoutUrl, goods.cartId)
      : { ...deps.returnUrls, failure: deps.returnUrls.cancel },
    reference: goods?.cartId ?? booking.number,
    payer: gateway.asksForPayer ? payerOf(await travellersOf(deps, booking.id)) : null,
    lines: linesOf(product),
    methods: goods?.paymentMethods ?? [],
    description: `${soldOf(product).name} · ${booking.number}`,
    metadata: product.kind === 'activity' ? { agent_order_id: product.agentOrderId } : product.refs,
  };
  return { paymentId, gateway, order };
}

export const isTakenLater = (product: Product): boolean =>
  product.kind === 'activity' && product.captureWhen === 'after_supplier';

/** Pages of ours, by how the customer left the gateway's. */
const pagesOf = (checkoutUrl: string, reference: string): ReturnUrls => ({
  success: `${checkoutUrl}/success/${reference}`,
  failure: `${checkoutUrl}/failure/${reference}`,
  cancel: `${checkoutUrl}/cancel/${reference}`,
});

/** An activity's lines are known at the supplier's price only, which is nothing to a customer. */
const linesOf = (product: Product): readonly PaymentLine[] => (product.kind === 'service' ? product.items : []);

function payerOf({ contact, address }: Travellers): Payer {
  return {
    name: [contact.firstName, contact.familyName].filter(Boolean).join(' '),
    email: contact.email,
    phone: contact.mobile,
    street: address?.street ?? null,
    city: address?.city ?? null,
    zip: address?.zip ?? null,
    state: address?.state ?? null,
    country: address?.country ?? contact.country,
  };
}
