// Which gateway a booking is paid through.
import type { GatewayName } from './payment.ts';
import type { Product } from './product.ts';

export const ACTIVITY_GATEWAY: GatewayName = 'stripe_intent';

/** Nobody is asked for money before staff have it in hand. */
export const isDueOnArrival = (product: Product): boolean => gatewayOf(product) === 'on_arrival';

export const gatewayOf = (product: Product): GatewayName =>
  product.kind === 'activity' ? ACTIVITY_GATEWAY : product.gateway;
