// A Stripe stand-in on a free port, the real `stripe` client pointed at it, and an endpoint that catches its webhooks.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

import { startStripe } from '../../sim/stripe/server.ts';
import { post } from './http.ts';

const SECRET = 'whsec_bench';

const quick = {
  balanceMs: 30,
  refundMs: 40,
  processingMs: 40,
  webhookRetryMs: 20,
  webhookRetryCapMs: 40,
};

export type Caught = { body: string; signature: string; event: Stripe.Event };

export async function startBench(options: Parameters<typeof startStripe>[0] = {}) {
  const inbox = await startInbox();
  const sim = await startStripe({ settings: quick, webhooks: [{ url: inbox.url, secret: SECRET }], ...options });
  const stripe = client(sim.port);
  return {
    sim,
    stripe,
    inbox,
    secret: SECRET,
    /** Types of events in order of creation; they may arrive in another one. */
    announced: () => sim.state.events.values().map(({ type }) => type),
    /** What a browser sends; the answer's status and body. */
    browser: (path: string, form: Record<string, string>) => browserCall(`${sim.url}${path}`, form),
    tell: (path: string, body: unknown) => post(`${sim.url}/_sim/${path}`, body),
    stop: async () => {
      await sim.close();
      await inbox.stop();
    },
  };
}

export function client(port: number, options: { maxNetworkRetries?: number } = {}): Stripe {
  return new Stripe('sk_test_bench', {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });
}

async function browserCall(url: string, form: Record<string, string>) {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams({ key: 'pk_test_bench', ...form }),
    redirect: 'manual',
  });
  const text = await response.text();
  const body: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, body, text, headers: response.headers };
}

/** Card fields as the payment form sends them. */
export function card(number: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': number,
    'payment_method_data[card][exp_month]': '12',
    'payment_method_data[card][exp_year]': '2040',
    'payment_method_data[card][cvc]': '123',
    ...more,
  };
}

async function startInbox() {
  const caught: Caught[] = [];
  const refusals: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const signature = String(request.headers['stripe-signature']);
      caught.push({ body, signature, event: JSON.parse(body) });
      response.writeHead(refusals.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    caught,
    /** Statuses to answer the next deliveries with. */
    refusals,
    types: () => caught.map(({ event }) => event.type),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
