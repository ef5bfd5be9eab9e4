import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually, readJson } from './http.ts';
import { startBench } from './stripe-bench.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const open = () => bench.stripe.paymentIntents.create({ amount: 1_000, currency: 'usd' });
const pay = () =>
  bench.stripe.paymentIntents.create({ amount: 1_000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' });
async function firstCaught() {
  await eventually(() => caughtAt(0));
  return caughtAt(0);
}

function caughtAt(index: number) {
  const caught = bench.inbox.caught[index];
  if (!caught) throw new Error(`no delivery ${index} yet`);
  return caught;
}

describe('a delivery', () => {
  it('is signed so that Stripe’s own library takes it, and no changed byte passes', async () => {
    const made = await open();
    const { body, signature } = await firstCaught();
    const event = Stripe.webhooks.constructEvent(body, signature, bench.secret);
    expect(event).toMatchObject({
      object: 'event',
      type: 'payment_intent.created',
      livemode: false,
      pending_webhooks: 1,
      data: { object: { id: made.id, status: 'requires_payment_method' } },
      request: { id: made.lastResponse.requestId },
    });
    expect(() => Stripe.webhooks.constructEvent(`${body} `, signature, bench.secret)).toThrow('signature');
    expect(() => Stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow('signature');
  });

  it('carries one signature per secret while one is being rotated', async () => {
    await bench.tell('webhooks', { url: bench.inbox.url, secret: 'whsec_old,whsec_new' });
    await open();
    const { body, signature } = await firstCaught();
    for (const secret of ['whsec_old', 'whsec_new']) {
      expect(Stripe.webhooks.constructEvent(body, signature, secret)).toBeDefined();
    }
  });

  it('shows the object as it was, not as it is', async () => {
    await pay();
    await eventually(() => expect(bench.inbox.types()).toContain('payment_intent.succeeded'));
    const created = bench.inbox.caught.find(({ event }) => event.type === 'payment_intent.created');
    expect(created?.event.data.object).toMatchObject({ status: 'requires_confirmation' });
  });

  it('is tried again with a new signature and the same id until it is taken', async () => {
    bench.inbox.refusals.push(500, 404, 302);
    await open();
    await eventually(() => expect(bench.inbox.caught).toHaveLength(4));
    expect(new Set(bench.inbox.caught.map(({ event }) => event.id)).size).toBe(1);
    for (const { body, signature } of bench.inbox.caught) {
      expect(Stripe.webhooks.constructEvent(body, signature, bench.secret)).toBeDefined();
    }
    await eventually(() =>
      expect(bench.sim.state.deliveries.values()).toMatchObject([{ status: 'delivered', tries: 4, lastStatus: 200 }]),
    );
  });

  it('does not wait for one that failed', async () => {
    await bench.tell('settings', { webhookRetryMs: 5_000, webhookRetryCapMs: 5_000 });
    bench.inbox.refusals.push(500);
    const [first, second] = [await open(), await open()];
    await eventually(() => expect(bench.inbox.caught).toHaveLength(2));
    const ids = bench.inbox.caught.map(({ event }) => (event.data.object as { id: string }).id);
    expect(new Set(ids)).toEqual(new Set([first.id, second.id]));
  });

  it('survives an endpoint that is down and comes back', async () => {
    await bench.tell('webhooks', { url: 'http://127.0.0.1:9/nobody', secret: bench.secret });
    await open();
    await eventually(() => expect(bench.sim.state.deliveries.values()[0]?.tries).toBeGreaterThan(0));
    await bench.tell('webhooks', { url: bench.inbox.url, secret: bench.secret });
    await firstCaught();
  });

  it('can be repeated by hand', async () => {
    await open();
    const { event } = await firstCaught();
    await bench.tell(`events/${event.id}/resend`, { times: 20 });
    await eventually(() => expect(bench.inbox.caught).toHaveLength(21));
  });

  it('is shown with its endpoint and secret', async () => {
    await open();
    await firstCaught();
    expect(await readJson(`${bench.sim.url}/_sim/state`)).toMatchObject({
      endpoints: [{ url: bench.inbox.url, secret: bench.secret }],
      deliveries: [{ type: 'payment_intent.created', status: 'delivered' }],
    });
    expect(await (await fetch(`${bench.sim.url}/_sim`)).text()).toContain('payment_intent.created');
  });
});

describe('a webhook fault', () => {
  const succeeded = () => bench.inbox.types().filter((type) => type === 'payment_intent.succeeded').length;

  it('loses an event for ever, but not from the list of events', async () => {
    await bench.tell('faults', { match: '^payment_intent\\.succeeded$', kind: 'webhook_drop' });
    const { id } = await pay();
    await eventually(() => expect(bench.inbox.types()).toContain('charge.updated'));
    expect(succeeded()).toBe(0);
    const { data } = await bench.stripe.events.list({ type: 'payment_intent.succeeded' });
    expect(data.map(({ data: { object } }) => object)).toMatchObject([{ id }]);
    const undelivered = await bench.stripe.events.list({ delivery_success: false });
    expect(undelivered.data.map(({ type }) => type)).toEqual(['payment_intent.succeeded']);
  });

  it('sends an event twice', async () => {
    await bench.tell('faults', { match: 'payment_intent.succeeded', kind: 'webhook_duplicate' });
    await pay();
    await eventually(() => expect(succeeded()).toBe(2));
  });

  it('sends an event late', async () => {
    await bench.tell('faults', { match: 'payment_intent.created', kind: 'webhook_delay', ms: 1_000 });
    await pay();
    await eventually(() => expect(bench.inbox.types()).toContain('payment_intent.created'));
    expect(bench.inbox.types().indexOf('payment_intent.created')).toBeGreaterThan(0);
  });

  it('lets a later event overtake', async () => {
    await bench.tell('faults', { match: 'payment_intent.created', kind: 'webhook_reorder', ms: 2_000 });
    await pay();
    await eventually(() => expect(bench.inbox.types()).toContain('payment_intent.created'));
    expect(bench.inbox.types()[0]).not.toBe('payment_intent.created');
  });

  it('never touches an API call', async () => {
    await bench.tell('faults', { match: '.*', kind: 'webhook_drop' });
    expect((await pay()).status).toBe('succeeded');
  });
});
