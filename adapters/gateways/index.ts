// The gateways there are, by name: whoever adds a name must add its gateway here.
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import type { StripeConfig } from './stripe.ts';
import { createStripeIntentGateway } from './stripe-intent.ts';

export interface GatewaysConfig {
  readonly stripe: StripeConfig;
}

export function createGateways({ stripe }: GatewaysConfig) {
  return { stripe_intent: createStripeIntentGateway(stripe) } satisfies Record<GatewayName, Gateway>;
}
