// Which gateway a booking is paid through.
import type { GatewayName } from './payment.ts';
import type { Product } from './product.ts';

export const ACTIVITY_GATEWAY: GatewayName = 'stripe_intent';

export const gatewayOf = (product: Product): GatewayName =>
  product.kind === 'activity' ? ACTIVITY_GATEWAY : product.gateway;
