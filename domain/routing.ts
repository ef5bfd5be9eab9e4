// Which gateway a storefront's bookings are paid through.
import type { Storefront } from './booking.ts';
import type { GatewayName } from './payment.ts';

export const gatewayOf = (_storefront: Storefront): GatewayName => 'stripe_intent';
