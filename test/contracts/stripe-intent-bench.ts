// Stripe's stand-in behind the contract suite.
import Stripe from 'stripe';
import { createStripeIntentGateway } from '../../adapters/gateways/stripe-intent.ts';
import type { Started } from '../../domain/payment.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { GatewayBench } from './gateway-bench.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

const SECRET = 'whsec_contract_old';
const NEXT_SECRET = 'whsec_contract_new';

export async function startStripeIntentBench(): Promise<GatewayBench> {
  const receiver = await startWebhookReceiver();
  const sim = await startStripe({ webhooks: [{ url: receiver.url, secret: SECRET }] });
  const gateway = createStripeIntentGateway({
    secretKey: 'sk_test_contract',
    apiBase: sim.url,
    webhookSecrets: [NEXT_SECRET, SECRET],
    timeoutMs: 5_000,
  });
  const fault = (rule: object) => post(`${sim.url}/_sim/faults`, JSON.stringify(rule));
  const confirm = (started: Started, method: string) => confirmInBrowser(sim.url, started, method);
  return {
    gateway,
    reset: () => post(`${sim.url}/_sim/reset`, ''),
    pay: (started) => confirm(started, 'pm_card_visa'),
    decline: (started) => confirm(started, 'pm_card_visa_chargeDeclinedInsufficientFunds'),
    payWithDelay: (started) => confirm(started, 'pm_usBankAccount'),
    // Stripe's client repeats a cut call once by itself, so both answers must be lost.
    loseAnswer: (call) => fault({ match: `POST /v1/${CREATES[call]}$`, kind: 'drop_after', times: 2 }),
    goDown: () => fault({ match: '.*', kind: 'status', status: 503 }),
    counts: () => ({ payments: sim.state.intents.size, refunds: sim.state.refunds.size }),
    successWebhook: (started) =>
      receiver.receive((body) => body.includes('"payment_intent.succeeded"') && body.includes(refOf(started))),
    sign: (raw, how) => signed(raw, how === 'by a stranger' ? 'whsec_stranger' : NEXT_SECRET, Date.now()),
    signStale: (raw) => signed(raw, SECRET, Date.now() - 305_000),
    stop: async () => {
      await sim.close();
      await receiver.stop();
    },
  };
}

const CREATES = { start: 'payment_intents', refund: 'refunds' };

function refOf(started: Started): string {
  if (started.kind !== 'confirm') throw new Error(`a payment to confirm was expected, not ${started.kind}`);
  return started.ref;
}

async function confirmInBrowser(base: string, started: Started, method: string): Promise<void> {
  if (started.kind !== 'confirm') throw new Error(`a payment to confirm was expected, not ${started.kind}`);
  const form = new URLSearchParams({
    key: 'pk_test_contract',
    client_secret: started.clientSecret,
    payment_method: method,
  });
  const response = await fetch(`${base}/v1/payment_intents/${started.ref}/confirm`, { method: 'POST', body: form });
  if (response.status !== 200 && response.status !== 402) throw new Error(await response.text());
}

function signed(raw: Uint8Array, secret: string, atMs: number) {
  const payload = Buffer.from(raw).toString();
  const timestamp = Math.floor(atMs / 1000);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  return { raw, headers: { 'stripe-signature': signature } };
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
}
