// Purchases at CHIP's stand-in: the customer chooses on the hosted page, and CHIP calls back with the company's key.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createChipGateway } from '../../adapters/gateways/chip.ts';
import type { Started } from '../../domain/payment.ts';
import { startChip } from '../../sim/chip/server.ts';
import type { GatewayBench } from './gateway-bench.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

const COMPANY = 'company';
const CALLS = { start: '/purchases/', capture: '/purchases/[^/]+/capture/', refund: '/purchases/[^/]+/refund/' };
// In truth CHIP takes ringgit; which currencies there are is the stand-in's to say.
const CURRENCIES = 'MYR,USD,JPY,KWD,ISK,EUR';

export async function startChipBench(): Promise<GatewayBench> {
  const receiver = await startWebhookReceiver();
  const sim = await startChip({ settings: { currencies: CURRENCIES, executeMs: 60_000 } });
  let laterMs = 0;
  const config = {
    apiKey: 'chip_contract',
    brandId: '6d1f5b0a-0000-4000-8000-00000000c419',
    apiBase: `${sim.url}/api/v1`,
    callbackUrl: receiver.url,
    webhookKeys: [],
    timeoutMs: 5_000,
  };
  const gateway = createChipGateway(config, () => Date.now() + laterMs);
  const stranger = keyPair();
  const fault = (rule: object) => post(`${sim.url}/_sim/faults`, JSON.stringify(rule));
  return {
    gateway,
    // Nobody was told the address of the first, which closes by itself.
    repeats: 'make another',
    reset: () => post(`${sim.url}/_sim/reset`, ''),
    pay: (started) => onPage(started, { outcome: 'paid' }),
    decline: (started) => onPage(started, { outcome: 'failed' }),
    payWithDelay: (started) => onPage(started, { outcome: 'pending' }),
    loseAnswer: (call) => fault({ match: `POST /api/v1${CALLS[call]}$`, kind: 'drop_after', times: 1 }),
    goDown: () => fault({ match: '.*', kind: 'status', status: 503 }),
    counts: () => ({
      payments: sim.state.purchases.size,
      refunds: sim.state.payments.values().filter(({ payment }) => payment.payment_type === 'refund').length,
    }),
    successWebhook: (started) =>
      receiver.receive((body) => body.includes('"purchase.paid"') && body.includes(`"${refOf(started)}"`)),
    sign: (raw, how) => {
      if (how === 'by a stranger') return signed(raw, stranger.privateKey);
      // CHIP is asked for one key a few times a minute at most, whoever posts.
      laterMs += 15_000;
      const next = keyPair();
      sim.state.keys.put({ id: COMPANY, ...next });
      return signed(raw, next.privateKey);
    },
    signStale: undefined,
    stop: async () => {
      await sim.close();
      await receiver.stop();
    },
  };
}

const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

const signed = (raw: Uint8Array, privateKey: string) => ({
  raw,
  headers: { 'x-signature': createSign('RSA-SHA256').update(raw).sign(privateKey, 'base64') },
});

async function onPage(started: Started, form: Record<string, string>): Promise<void> {
  if (started.kind !== 'redirect') throw new Error(`a page was expected, not ${started.kind}`);
  const response = await fetch(started.url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  if (response.status !== 303 && response.status !== 200 && response.status !== 402)
    throw new Error(await response.text());
}

function refOf(started: Started): string {
  if (started.kind === 'refused') throw new Error(`refused: ${started.message}`);
  return started.ref;
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(await response.text());
}
