// What the benches of both gateways at Stripe share: its stand-in, its faults, its signatures.
import Stripe from 'stripe';
import type { StripeConfig } from '../../adapters/gateways/stripe.ts';
import type { Gateway, Started } from '../../domain/payment.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeSim } from '../../sim/stripe/server.ts';
import type { DisputeBench, GatewayBench } from './gateway-bench.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';

const SECRET = 'whsec_contract_old';
const NEXT_SECRET = 'whsec_contract_new';

export type Purse = 'good card' | 'empty card' | 'bank debit';

export interface StripeKind {
  readonly create: (config: StripeConfig) => Gateway;
  readonly pay: (sim: StripeSim, started: Started, purse: Purse) => Promise<void>;
  /** The path that makes a payment, and how many were made. */
  readonly path: string;
  readonly count: (sim: StripeSim) => number;
  readonly successType: string;
}

export async function startStripeBench(kind: StripeKind): Promise<GatewayBench> {
  const receiver = await startWebhookReceiver();
  const sim = await startStripe({ webhooks: [{ url: receiver.url, secret: SECRET }] });
  const gateway = kind.create({
    secretKey: 'sk_test_contract',
    apiBase: sim.url,
    webhookSecrets: [NEXT_SECRET, SECRET],
    timeoutMs: 5_000,
  });
  const fault = (rule: object) => post(`${sim.url}/_sim/faults`, JSON.stringify(rule));
  const creates = { start: kind.path, capture: '/v1/payment_intents/[^/]+/capture', refund: '/v1/refunds' };
  return {
    gateway,
    repeats: 'find the first',
    reset: () => post(`${sim.url}/_sim/reset`, ''),
    pay: (started) => kind.pay(sim, started, 'good card'),
    decline: (started) => kind.pay(sim, started, 'empty card'),
    payWithDelay: (started) => kind.pay(sim, started, 'bank debit'),
    // Stripe's client repeats a cut call once by itself, so both answers must be lost.
    loseAnswer: (call) => fault({ match: `POST ${creates[call]}$`, kind: 'drop_after', times: 2 }),
    goDown: () => fault({ match: '.*', kind: 'status', status: 503 }),
    counts: () => ({ payments: kind.count(sim), refunds: sim.state.refunds.size }),
    successWebhook: (started) =>
      receiver.receive((body) => body.includes(`"${kind.successType}"`) && body.includes(`"${refOf(started)}"`)),
    sign: (raw, how) => signed(raw, how === 'by a stranger' ? 'whsec_stranger' : NEXT_SECRET, Date.now()),
    signStale: (raw) => signed(raw, SECRET, Date.now() - 305_000),
    disputes: disputesAt(sim, receiver),
    stop: async () => {
      await sim.close();
      await receiver.stop();
    },
  };
}

const REASONS = { chargeback: 'fraudulent', inquiry: 'general' } as const;
const EVIDENCE = { 'for us': 'winning_evidence', 'against us': 'losing_evidence' } as const;
const EVENTS = { opening: 'charge.dispute.created', closing: 'charge.dispute.closed' } as const;

function disputesAt(sim: StripeSim, receiver: WebhookReceiver): DisputeBench {
  const intentOf = (started: Started): string => {
    const ref = refOf(started);
    return sim.state.sessions.get(ref)?.payment_intent ?? ref;
  };
  const stripe = new Stripe('sk_test_contract', { ...addressOf(sim.url), protocol: 'http', maxNetworkRetries: 0 });
  return {
    open: (started, how, amount) => {
      const body = { payment_intent: intentOf(started), reason: REASONS[how], amount };
      return post(`${sim.url}/_sim/disputes`, JSON.stringify(body));
    },
    decide: async (started, verdict) => {
      await post(`${sim.url}/_sim/settings`, JSON.stringify({ disputeMs: 1 }));
      const [dispute] = (await stripe.disputes.list({ payment_intent: intentOf(started) })).data;
      if (!dispute) throw new Error('nothing is disputed');
      await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: EVIDENCE[verdict] } });
      await receiver.receive((body) => body.includes('"charge.dispute.closed"') && body.includes(`"${dispute.id}"`));
    },
    webhook: (started, of) =>
      receiver.receive((body) => body.includes(`"${EVENTS[of]}"`) && body.includes(`"${intentOf(started)}"`)),
  };
}

function addressOf(url: string): { host: string; port: string } {
  const { hostname: host, port } = new URL(url);
  return { host, port };
}

function refOf(started: Started): string {
  if (started.kind === 'refused') throw new Error(`refused: ${started.message}`);
  return started.ref;
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
