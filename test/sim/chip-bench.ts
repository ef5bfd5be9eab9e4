// A CHIP stand-in on a free port, the calls a merchant makes, a payer's browser, and two addresses that catch its news.
import { createVerify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { startChip } from '../../sim/chip/server.ts';
import { post } from './http.ts';

const BRAND = '409eb80e-3782-4b1d-afa8-b779759266a5';

const quick = { executeMs: 400, refundMs: 300, chargebackMs: 30, webhookRetryMs: 20, webhookRetryCapMs: 40 };

export type Body = Record<string, unknown> & {
  id: string;
  status: string;
  checkout_url: string;
  purchase: { total: number; products: Record<string, unknown>[] } & Record<string, unknown>;
  payment: Record<string, unknown> | null;
  transaction_data: { attempts: Record<string, unknown>[] } & Record<string, unknown>;
  status_history: { status: string }[];
};
export type Answer = { status: number; body: Body };
export type Caught = {
  path: string;
  body: string;
  signature: string;
  event: Body & { event_type: string; related_to?: { id: string } };
};

export async function startBench(options: Parameters<typeof startChip>[0] = {}) {
  const inbox = await startInbox();
  const sim = await startChip({
    webhook: `${inbox.url}/webhooks/{id}`,
    ...options,
    settings: { ...quick, ...options.settings },
  });
  const call = (method: string, path: string, body?: unknown) => request(`${sim.url}/api/v1${path}`, method, body);
  const create = (change: object = {}) => call('POST', '/purchases/', purchaseBody(change, `${inbox.url}/callback`));
  const made = async (change: object = {}) => (await create(change)).body;
  const pay = (id: string, form: Record<string, string> = {}) =>
    fetch(`${sim.url}/p/${id}/`, {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'paid', ...form }),
      redirect: 'manual',
    });
  return {
    sim,
    inbox,
    call,
    create,
    made,
    read: async (id: string) => (await call('GET', `/purchases/${id}/`)).body,
    pay,
    /** A purchase somebody has paid. */
    paid: async (change: object = {}, form: Record<string, string> = {}) => {
      const { id } = await made(change);
      await pay(id, form);
      return (await call('GET', `/purchases/${id}/`)).body;
    },
    look: (id: string, query = '') => fetch(`${sim.url}/p/${id}/${query}`, { redirect: 'manual' }),
    webhookId: () => sim.state.standing.get('standing')?.webhook ?? '',
    tell: (path: string, body: unknown) => post(`${sim.url}/_sim/${path}`, body),
    /** Keys take a second to make on a busy machine, so that a stand-in is emptied rather than started anew. */
    reset: async () => {
      await post(`${sim.url}/_sim/reset`, {});
      inbox.caught.length = 0;
      inbox.refusals.length = 0;
    },
    stop: async () => {
      await sim.close();
      await inbox.stop();
    },
  };
}

export function purchaseBody(change: object, success_callback: string) {
  const { purchase, client, ...top } = change as { purchase?: object; client?: object };
  return {
    brand_id: BRAND,
    client: { email: 'mei@example.com', full_name: 'Mei Lin', ...client },
    purchase: { products: [{ name: 'Batik scarf', price: 5_000, quantity: '2' }], ...purchase },
    reference: 'cart-1',
    success_redirect: 'http://shop.example/success/cart-1',
    failure_redirect: 'http://shop.example/failure/cart-1',
    cancel_redirect: 'http://shop.example/cancel/cart-1',
    success_callback,
    ...top,
  };
}

async function request(url: string, method: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
}

export const isSigned = ({ body, signature }: Caught, publicKey: string): boolean =>
  createVerify('RSA-SHA256').update(body).verify(publicKey, signature, 'base64');

async function startInbox() {
  const caught: Caught[] = [];
  const refusals: number[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const signature = String(incoming.headers['x-signature']);
      caught.push({ path: incoming.url ?? '', body, signature, event: JSON.parse(body) });
      response.writeHead(refusals.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const about = (id: string, start: string) =>
    caught.filter(({ path, event }) => path.startsWith(start) && (event.related_to?.id ?? event.id) === id);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caught,
    /** Statuses to answer the next deliveries with. */
    refusals,
    callbacks: (id: string) => about(id, '/callback'),
    webhooks: (id: string) => about(id, '/webhooks/'),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const typesOf = (caught: Caught[]): string[] => caught.map(({ event }) => event.event_type);
