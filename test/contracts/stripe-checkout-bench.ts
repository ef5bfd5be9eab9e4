// Checkout Sessions at Stripe's stand-in: the customer fills in the form of the hosted page.
import { createStripeCheckoutGateway } from '../../adapters/gateways/stripe-checkout.ts';
import type { Started } from '../../domain/payment.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';
import { startStripeBench } from './stripe-bench.ts';
import type { Purse } from './stripe-bench.ts';

const card = (number: string) => ({ number, exp_month: '12', exp_year: '40', cvc: '123', email: 'ann@example.org' });

const FORMS: Record<Purse, Record<string, string>> = {
  'good card': card('4242424242424242'),
  'empty card': card('4000000000009995'),
  'bank debit': { payment_method: 'pm_usBankAccount' },
};

export const startStripeCheckoutBench = () =>
  startStripeBench({
    create: createStripeCheckoutGateway,
    pay: fillInPage,
    path: '/v1/checkout/sessions',
    count: (sim) => sim.state.sessions.size,
    successType: 'checkout.session.completed',
  });

async function fillInPage(_: StripeSim, started: Started, purse: Purse): Promise<void> {
  if (started.kind !== 'redirect') throw new Error(`a page was expected, not ${started.kind}`);
  const body = new URLSearchParams(FORMS[purse]);
  const response = await fetch(started.url, { method: 'POST', body, redirect: 'manual' });
  if (response.status !== 303 && response.status !== 402) throw new Error(await response.text());
}
