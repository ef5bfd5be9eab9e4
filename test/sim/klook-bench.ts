// A Klook stand-in on a free port and the calls an agent makes.
import { startKlook } from '../../sim/klook/server.ts';
import { post, readJson } from './http.ts';

const quick = { pendingMs: 40, voucherMs: 30, cancelMs: 30 };

type Body = Record<string, unknown> & { error: { code: string; details?: unknown[] } };
export type Answer = { status: number; body: Body };

export async function startBench(options: Parameters<typeof startKlook>[0] = {}) {
  const sim = await startKlook({ ...options, settings: { ...quick, ...options.settings } });
  const call = (method: string, path: string, body?: unknown) => request(`${sim.url}${path}`, method, body);
  return {
    sim,
    call,
    create: (change: object = {}) => call('POST', '/v3/orders', orderBody(change)),
    pay: (id: string) => call('POST', `/v3/pay/balance/${id}`),
    detail: (id: string) => call('GET', `/v2/orders/${id}`),
    applyCancel: (id: string, reason: unknown = 1) =>
      call('POST', `/v3/orders/${id}/cancel/apply`, { refund_reason_id: reason }),
    cancelStatus: (id: string) => call('GET', `/v3/orders/${id}/cancel/status`),
    balance: async () => (await call('GET', '/v2/balance')).body['remaining_balance'],
    state: <Shape>() => readJson<Shape>(`${sim.url}/_sim/state`),
    tell: (path: string, body: unknown) => post(`${sim.url}/_sim/${path}`, body),
    stop: () => sim.close(),
  };
}

let count = 0;

export function agentOrderId(): string {
  count += 1;
  return `AG-${count}`;
}

/** A time of day on a day that many days ahead. */
export function start(daysAhead: number, time = '10:00:00'): string {
  return `${new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10)} ${time}`;
}

export function orderBody(change: {
  id?: string;
  familyName?: string;
  package_id?: number;
  sku_id?: number;
  count?: number;
  price?: string;
  start_time?: string;
  extra?: object;
}) {
  return {
    agent_order_id: change.id ?? agentOrderId(),
    contact_info: {
      country: 'SG',
      email: 'mei@example.com',
      first_name: 'Mei',
      family_name: change.familyName ?? 'Lin',
      mobile: '+65 1',
    },
    items: [
      {
        package_id: change.package_id ?? 2001,
        start_time: change.start_time ?? start(30),
        sku_list: [{ sku_id: change.sku_id ?? 3001, count: change.count ?? 2, price: change.price ?? '' }],
        ...change.extra,
      },
    ],
  };
}

async function request(url: string, method: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'x-api-key': 'bench', 'accept-language': 'en_US', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}
