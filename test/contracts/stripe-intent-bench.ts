// Payment intents at Stripe's stand-in: the customer's browser confirms with the publishable key.
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import type { Started } from '../../domain/payment.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';
import { startStripeBench } from './stripe-bench.ts';
import type { Purse } from './stripe-bench.ts';

const METHODS: Record<Purse, string> = {
  'good card': 'pm_card_visa',
  'empty card': 'pm_card_visa_chargeDeclinedInsufficientFunds',
  'bank debit': 'pm_usBankAccount',
};

export const startStripeIntentBench = () =>
  startStripeBench({
    create: createStripeIntentGateway,
    pay: confirmInBrowser,
    path: '/v1/payment_intents',
    count: (sim) => sim.state.intents.size,
    successType: 'payment_intent.succeeded',
  });

async function confirmInBrowser(sim: StripeSim, started: Started, purse: Purse): Promise<void> {
  if (started.kind !== 'confirm') throw new Error(`a payment to confirm was expected, not ${started.kind}`);
  const form = new URLSearchParams({
    key: 'pk_test_contract',
    client_secret: started.clientSecret,
    payment_method: METHODS[purse],
  });
  const response = await fetch(`${sim.url}/v1/payment_intents/${started.ref}/confirm`, { method: 'POST', body: form });
  if (response.status !== 200 && response.status !== 402) throw new Error(await response.text());
}
