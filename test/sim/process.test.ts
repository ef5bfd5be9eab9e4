import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { purchaseBody } from './chip-bench.ts';
import { orderBody } from './klook-bench.ts';
import { post, readJson } from './http.ts';
import { client } from './stripe-bench.ts';

const CHIP_KEY = { authorization: 'Bearer bench' };
const ROOT = join(import.meta.dirname, '../..');
const PORTS = ['STRIPE_SIM_PORT', 'CHIP_SIM_PORT', 'KLOOK_SIM_PORT', 'MAIL_SMTP_PORT', 'MAIL_PAGE_PORT'];
const FREE_PORTS = Object.fromEntries(PORTS.map((name) => [name, '0']));

let dataDir: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sim-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'sim/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...FREE_PORTS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function ready(env: Record<string, string> = {}) {
  const child = run({ SIM_DATA_DIR: dataDir, ...env });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('sim ready ')) continue;
    const urls: Record<'stripe' | 'chip' | 'klook' | 'smtp' | 'mail', string> = JSON.parse(
      line.slice('sim ready '.length),
    );
    return { child, urls };
  }
  throw new Error('the stand-ins ended before they were ready');
}

async function stopped(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await exit;
  return code;
}

it('keeps every object over a restart and goes on with what was due', async () => {
  const first = await ready({ CHIP_WEBHOOK_URL: 'http://127.0.0.1:9/webhooks/chip/{id}' });
  const stripe = client(Number(new URL(first.urls.stripe).port));
  const paid = await stripe.paymentIntents.create(
    { amount: 1_000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' },
    { idempotencyKey: 'kept' },
  );
  const headers = { 'x-api-key': 'k' };
  const body = JSON.stringify(orderBody({ id: 'AG-kept' }));
  const order = await readJson<{ order_id: string }>(`${first.urls.klook}/v3/orders`, {
    method: 'POST',
    headers,
    body,
  });
  await fetch(`${first.urls.klook}/v3/pay/balance/${order.order_id}`, { method: 'POST', headers });
  await nodemailer.createTransport(first.urls.smtp).sendMail({ from: 'a@b.c', to: 'd@e.f', subject: 's', text: 't' });
  const purchase = await readJson<{ id: string }>(`${first.urls.chip}/api/v1/purchases/`, {
    method: 'POST',
    headers: CHIP_KEY,
    body: JSON.stringify(purchaseBody({}, '')),
  });
  const webhooks = await readJson<{ results: object[] }>(`${first.urls.chip}/api/v1/webhooks/`, { headers: CHIP_KEY });
  const hook = { url: 'http://127.0.0.1:9/hook', secret: 'whsec_kept' };
  await post(`${first.urls.stripe}/_sim/webhooks`, hook);
  expect(await stopped(first.child)).toBe(0);

  const { child, urls } = await ready();
  const again = client(Number(new URL(urls.stripe).port));
  expect((await again.paymentIntents.retrieve(paid.id)).status).toBe('succeeded');
  const replay = await again.paymentIntents.create(
    { amount: 1_000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' },
    { idempotencyKey: 'kept' },
  );
  expect(replay.id).toBe(paid.id);
  await expect.poll(async () => (await again.balanceTransactions.list()).data.length, { timeout: 15_000 }).toBe(1);
  await expect
    .poll(() => readJson(`${urls.klook}/v2/orders/AG-kept`, { headers }), { timeout: 15_000 })
    .toMatchObject({ bookings: [{ voucher_url: expect.stringContaining(order.order_id) }] });
  expect(await readJson(`${urls.klook}/v2/balance`, { headers })).toMatchObject({ remaining_balance: '99915.00' });
  expect(await readJson(`${urls.stripe}/_sim/state`)).toMatchObject({ endpoints: [hook] });
  expect(await readJson(`${urls.chip}/api/v1/purchases/${purchase.id}/`, { headers: CHIP_KEY })).toMatchObject(
    purchase,
  );
  expect(await readJson(`${urls.chip}/api/v1/webhooks/`, { headers: CHIP_KEY })).toEqual(webhooks);
  expect(webhooks.results).toMatchObject([{ callback: expect.stringMatching(/chip\/[\da-f-]{36}$/) }]);
  const { messages } = await readJson<{ messages: { id: string }[] }>(`${urls.mail}/api/messages?to=d@e.f`);
  expect(await readJson(`${urls.mail}/api/messages/${messages[0]?.id}`)).toMatchObject({ subject: 's' });
  await stopped(child);
});

it('starts only what it is told to, and takes its webhook endpoint from the environment', async () => {
  const { child, urls } = await ready({
    SIM_ONLY: 'stripe',
    STRIPE_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
    STRIPE_WEBHOOK_SECRET: 'whsec_env',
  });
  expect(Object.keys(urls)).toEqual(['stripe']);
  expect(await readJson(`${urls.stripe}/_sim/state`)).toMatchObject({
    endpoints: [{ url: 'http://127.0.0.1:9/hook', secret: 'whsec_env' }],
  });
  expect((await post(`${urls.stripe}/_sim/webhooks`, { url: 'nowhere', secret: 's' })).status).toBe(400);
  await stopped(child);
});

it('says which port is taken and ends', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  const child = run({ KLOOK_SIM_PORT: String(port) });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(child, 'exit');
  holder.close();
  expect(code).toBe(1);
  expect(errors).toContain(String(port));
});
