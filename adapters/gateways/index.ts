// The gateways there are, by name: whoever adds a name must add its gateway here.
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import { createChipGateway } from './chip.ts';
import type { ChipConfig } from './chip.ts';
import { createOnArrivalGateway } from './on-arrival.ts';
import { createStripeCheckoutGateway } from './stripe-checkout.ts';
import type { StripeConfig } from './stripe.ts';
import { createStripeIntentGateway } from './stripe-intent.ts';

export interface GatewaysConfig {
  readonly stripe: StripeConfig;
  readonly chip: ChipConfig;
}

export function createGateways({ stripe, chip }: GatewaysConfig) {
  return {
    stripe_intent: createStripeIntentGateway(stripe),
    stripe_checkout: createStripeCheckoutGateway(stripe),
    chip: createChipGateway(chip),
    on_arrival: createOnArrivalGateway(),
  } satisfies Record<GatewayName, Gateway>;
}
