import { desc } from 'drizzle-orm';
import pg from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBareApp } from '../../api/app.ts';
import { assembleDeps } from '../../api/deps.ts';
import { nativeArea } from '../../api/errors.ts';
import { createRouter } from '../../api/http/router.ts';
import { addStripeWebhook } from '../../api/webhooks.ts';
import { INBOX_CHANNEL, openBody } from '../../db/inbox.ts';
import { openDatabase } from '../../db/client.ts';
import { inbox } from '../../db/schema.ts';
import { describeWith } from '../setup/parts.ts';
import { openBench } from './app-under-test.ts';
import type { Bench } from './app-under-test.ts';
import { WEBHOOK_SECRET } from './settings.ts';

interface EventOptions {
  readonly id?: string;
  readonly type?: string;
}

const eventOf = ({ id = 'evt_1', type = 'payment_intent.succeeded' }: EventOptions = {}): string =>
  JSON.stringify({
    id,
    type,
    data: { object: { id: 'pi_1', object: 'payment_intent', status: 'succeeded', metadata: { booking_id: 'bk_1' } } },
  });

const signed = (payload: string, secret = WEBHOOK_SECRET, timestamp = Math.floor(Date.now() / 1000)): string =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });

type Forgery = (body: string) => [string, string | undefined];

describeWith('postgres', 'a webhook', () => {
  let bench: Bench;
  let app: ReturnType<typeof appWith>;

  function appWith(deps: Bench['deps']) {
    const router = createRouter();
    addStripeWebhook(router, deps, { path: '/api/webhooks/stripe', tag: 'test', area: nativeArea });
    return createBareApp(deps, [nativeArea]).route('/', router);
  }

  const send = async (body: string, signature: string | undefined, from = app, headers: Record<string, string> = {}) =>
    from.request('/api/webhooks/stripe', {
      method: 'POST',
      body,
      headers: {
        'Content-Type': 'application/json',
        Authorization: 'Bearer not-to-be-kept',
        ...(signature && { 'Stripe-Signature': signature }),
        ...headers,
      },
    });
  const rows = () => bench.database.db.select().from(inbox).orderBy(desc(inbox.id));
  const bodyOf = async (row: { readonly sealed: Buffer | null } | undefined) =>
    row?.sealed ? (await openBody(bench.database.keyring, row.sealed)).toString() : expect.unreachable();

  beforeAll(async () => {
    bench = await openBench({ RATE_LIMIT_BAD_SIGNATURES: '5', TRUST_PROXY: '1' });
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await bench.database.db.delete(inbox);
    bench.lines.length = 0;
    app = appWith(assembleDeps(bench.deps));
  });

  it('is stored byte for byte before it is acknowledged', async () => {
    const body = `${eventOf()}\n `;
    const response = await send(body, signed(body));
    expect([response.status, await response.json()]).toEqual([200, { received: true }]);
    const [row] = await rows();
    expect(row).toMatchObject({
      gateway: 'stripe_intent',
      channel: '/api/webhooks/stripe',
      eventId: 'evt_1',
      type: 'payment_intent.succeeded',
      verdict: 'verified',
      state: 'pending',
      paymentRef: 'pi_1',
      objectRef: 'pi_1',
      effect: 'succeeded',
      bookingId: 'bk_1',
      attempts: 0,
    });
    expect(await bodyOf(row)).toBe(body);
    expect(row?.sealed?.includes('pi_1')).toBe(false);
    expect(row?.headers).toHaveProperty('stripe-signature');
    expect(JSON.stringify(row?.headers)).not.toContain('not-to-be-kept');
  });

  it('sent twenty times is acknowledged twenty times and stored once', async () => {
    const body = eventOf();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body, signed(body))));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(await rows()).toHaveLength(1);
  });

  it('that cannot be stored does not take along those that arrive with it', async () => {
    const bodies = Array.from({ length: 12 }, (_, i) =>
      eventOf({ id: `evt_${i}`, ...(i === 5 && { type: 'a\u0000b' }) }),
    );
    const answers = await Promise.all(bodies.map((body) => send(body, signed(body))));
    expect(answers.map(({ status }) => status).toSpliced(5, 1)).toEqual(Array.from({ length: 11 }, () => 200));
    expect(answers[5]?.status).toBe(422);
    expect(await rows()).toHaveLength(11);
  });

  it('wakes the sweep once it is committed', async () => {
    const ear = new pg.Client({ connectionString: bench.database.url });
    await ear.connect();
    await ear.query(`listen ${INBOX_CHANNEL}`);
    const heard = new Promise((resolve) => ear.once('notification', resolve));
    const body = eventOf();
    await send(body, signed(body));
    await heard;
    await ear.end();
    expect(await rows()).toHaveLength(1);
  });

  it('of a type we do not know is kept as ignored', async () => {
    const body = eventOf({ id: 'evt_2', type: 'customer.created' });
    expect((await send(body, signed(body))).status).toBe(200);
    expect(await rows()).toMatchObject([{ state: 'ignored', type: 'customer.created', effect: null }]);
  });

  it('that changes nothing is kept under the payment it names, so that erasing its person finds it', async () => {
    const body = eventOf({ id: 'evt_3', type: 'payment_intent.created' });
    expect((await send(body, signed(body))).status).toBe(200);
    expect(await rows()).toMatchObject([{ state: 'ignored', paymentRef: 'pi_1', bookingId: 'bk_1', effect: null }]);
  });

  it.each<[string, Forgery]>([
    ['without a signature', (body) => [body, undefined]],
    ['signed with another secret', (body) => [body, signed(body, 'whsec_other')]],
    ['signed too long ago', (body) => [body, signed(body, WEBHOOK_SECRET, Math.floor(Date.now() / 1000) - 301)]],
    ['changed on the way', (body) => [body.replace('pi_1', 'pi_2'), signed(body)]],
    ['cut off', (body) => [body.slice(0, 40), signed(body)]],
    ['that is no JSON', () => ['hello', signed('hello')]],
  ])('%s is refused, recorded and has no effect', async (_name, forge) => {
    const [body, signature] = forge(eventOf());
    const response = await send(body, signature);
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('code', 'invalid_signature');
    const recorded = await rows();
    expect(recorded).toMatchObject([{ verdict: 'rejected', state: 'failed', eventId: null, bookingId: null }]);
    expect(await bodyOf(recorded[0])).toBe(body);
    expect(recorded[0]?.error).toBeTruthy();
  });

  it('that is forged does not stand in the way of the true one', async () => {
    const body = eventOf();
    await send(body, signed(body, 'whsec_other'));
    expect((await send(body, signed(body))).status).toBe(200);
    expect((await rows()).map(({ verdict }) => verdict)).toEqual(['verified', 'rejected']);
  });

  it('that is forged and large leaves no more than 4 KiB behind', async () => {
    await send('x'.repeat(100_000), signed('y'));
    expect((await bodyOf((await rows())[0])).length).toBe(4_096);
  });

  it('that is forged over and over is refused per address, and a signed one from there is not', async () => {
    const body = eventOf();
    const forged = async (address: string) =>
      (await send(body, 't=1,v1=00', app, { 'X-Forwarded-For': address })).status;
    const statuses = [];
    for (let i = 0; i < 7; i += 1) statuses.push(await forged('9.9.9.9'));
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
    expect(await forged('8.8.8.8')).toBe(400);
    expect((await send(body, signed(body), app, { 'X-Forwarded-For': '9.9.9.9' })).status).toBe(200);
    expect((await rows()).filter(({ verdict }) => verdict === 'rejected')).toHaveLength(6);
  });

  it('that cannot be stored is 503, so that the gateway sends it again', async () => {
    const away = openDatabase({
      url: 'postgres://127.0.0.1:1/none',
      poolSize: 2,
      applicationName: 'test',
      onIdleError: () => undefined,
    });
    const body = eventOf();
    const response = await send(body, signed(body), appWith(assembleDeps({ ...bench.deps, db: away.db })));
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('2');
    await away.close();
  });
});
