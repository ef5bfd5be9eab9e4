import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { COMPANY } from '../../sim/chip/keys.ts';
import { isSigned, startBench, typesOf } from './chip-bench.ts';
import type { Caught } from './chip-bench.ts';
import { eventually } from './http.ts';

let bench: Awaited<ReturnType<typeof startBench>>;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.stop());

const keyOf = (id: string): string => bench.sim.state.keys.get(id)?.publicKey ?? '';
const companyKey = () => keyOf(COMPANY);
const webhookKey = () => keyOf(bench.webhookId());
const callbacks = (id: string) => bench.inbox.callbacks(id);
const webhooks = (id: string) => bench.inbox.webhooks(id);

async function arrived(of: () => Caught[], count = 1): Promise<Caught> {
  await eventually(() => expect(of().length).toBeGreaterThanOrEqual(count));
  const last = of()[count - 1];
  if (!last) throw new Error('nothing arrived');
  return last;
}

const paidBy = (id: string) => () => webhooks(id).filter(({ event }) => event.event_type === 'purchase.paid');

describe('money that came', () => {
  it('is told over both channels, each with a key of its own, the object flat', async () => {
    const { id } = await bench.made();
    await bench.look(id);
    await bench.pay(id, { payment_method: 'fpx' });
    const callback = await arrived(() => callbacks(id));
    const webhook = await arrived(paidBy(id));
    expect(typesOf(callbacks(id))).toEqual(['purchase.paid']);
    expect(typesOf(webhooks(id))).toEqual([
      'purchase.created',
      'purchase.viewed',
      'purchase.pending_execute',
      'purchase.paid',
    ]);
    expect(callback.event).toMatchObject({ id, type: 'purchase', status: 'paid', reference: 'cart-1' });
    expect(webhook.path).toBe(`/webhooks/${bench.webhookId()}`);
    expect([isSigned(callback, companyKey()), isSigned(callback, webhookKey())]).toEqual([true, false]);
    expect([isSigned(webhook, companyKey()), isSigned(webhook, webhookKey())]).toEqual([false, true]);
    expect(isSigned({ ...webhook, body: `${webhook.body} ` }, webhookKey())).toBe(false);
  });

  it('is told by the webhook alone while it is only held', async () => {
    const { id } = await bench.paid({ skip_capture: true });
    await arrived(() => webhooks(id), 2);
    await bench.call('POST', `/purchases/${id}/capture/`);
    expect((await arrived(() => callbacks(id))).event.event_type).toBe('purchase.captured');
    expect(typesOf(webhooks(id)).slice(0, 2)).toEqual(['purchase.created', 'purchase.hold']);
  });

  it('that did not come is told too', async () => {
    const { id } = await bench.made();
    await bench.pay(id, { outcome: 'failed' });
    expect((await arrived(() => webhooks(id), 2)).event.event_type).toBe('purchase.payment_failure');
    expect(callbacks(id)).toEqual([]);
  });
});

describe('a delivery', () => {
  it('is tried again with the same words until it is taken, and holds up what comes after it', async () => {
    bench.inbox.refusals.push(500, 401);
    const { id } = await bench.made();
    await bench.call('POST', `/purchases/${id}/cancel/`);
    await arrived(() => webhooks(id), 4);
    expect(typesOf(webhooks(id))).toEqual([...Array<string>(3).fill('purchase.created'), 'purchase.cancelled']);
    expect(
      new Set(
        webhooks(id)
          .slice(0, 3)
          .map(({ body }) => body),
      ).size,
    ).toBe(1);
    expect(bench.sim.state.deliveries.values()).toMatchObject([{ tries: 3, status: 'delivered', lastStatus: 200 }, {}]);
  });

  it('is given up after nine tries, and lets go of what comes after it', async () => {
    bench.inbox.refusals.push(...Array<number>(9).fill(500));
    const { id } = await bench.made();
    await bench.call('POST', `/purchases/${id}/cancel/`);
    await eventually(() => expect(typesOf(webhooks(id)).at(-1)).toBe('purchase.cancelled'));
    expect(webhooks(id)).toHaveLength(10);
    expect(bench.sim.state.deliveries.values()[0]).toMatchObject({ status: 'given_up', tries: 9 });
  });

  it('of one purchase never waits for another one', async () => {
    await bench.tell('settings', { webhookRetryMs: 60_000, webhookRetryCapMs: 60_000 });
    bench.inbox.refusals.push(500);
    const stuck = await bench.made();
    await arrived(() => webhooks(stuck.id));
    const { id } = await bench.made();
    expect(await arrived(() => webhooks(id))).toMatchObject({ event: { event_type: 'purchase.created' } });
  });
});

describe('news', () => {
  it.each([
    ['none comes back', 'callbacks', callbacks],
    ['none is sent', 'webhooks', webhooks],
  ])('may be missing: %s', async (_, channel, of) => {
    await bench.tell('settings', { [channel]: 'none' });
    const { id } = await bench.paid();
    await arrived(channel === 'callbacks' ? paidBy(id) : () => callbacks(id));
    expect(of(id)).toEqual([]);
  });

  it('may be lost, sent twice or late, by channel and type', async () => {
    await bench.tell('faults', { match: '^success_callback', kind: 'webhook_drop', times: 1 });
    await bench.tell('faults', { match: '^webhook purchase.paid', kind: 'webhook_duplicate', times: 1 });
    const first = await bench.paid();
    await arrived(paidBy(first.id), 2);
    expect(callbacks(first.id)).toEqual([]);
    await bench.tell('settings', { callbackMs: 60 });
    const second = await bench.paid();
    await arrived(paidBy(second.id));
    await arrived(() => callbacks(second.id));
  });

  it.each(['webhook_bad_signature', 'webhook_wrong_key'])('may come with a false signature: %s', async (kind) => {
    await bench.tell('faults', { match: '^webhook purchase.created', kind, times: 1 });
    const { id } = await bench.made();
    const caught = await arrived(() => webhooks(id));
    expect(isSigned(caught, webhookKey())).toBe(false);
    expect(isSigned(caught, companyKey())).toBe(kind === 'webhook_wrong_key');
  });

  it('may come wrapped', async () => {
    await bench.tell('settings', { body: 'wrapped' });
    const { id } = await bench.made();
    await eventually(() =>
      expect(bench.inbox.caught.map(({ event }) => event)).toContainEqual(
        expect.objectContaining({ event_type: 'purchase.created', object: expect.objectContaining({ id }) }),
      ),
    );
  });
});

describe('what is asked for by hand', () => {
  const tell = async (event: string, body: object) => {
    const { status, body: answer } = await bench.tell(`webhooks/${event}`, body);
    return { status, answer: answer as { sent: object[]; error?: { message: string } } };
  };

  it('comes true and is told at the same moment over both channels, as often as asked', async () => {
    const { id } = await bench.made();
    const { answer } = await tell('purchase.paid', { reference: 'cart-1', channel: 'both', times: 5 });
    expect(answer.sent).toHaveLength(10);
    await eventually(() => expect(bench.inbox.caught.length).toBeGreaterThanOrEqual(10));
    expect([callbacks(id).length, paidBy(id)().length]).toEqual([5, 5]);
    expect(await bench.read(id)).toMatchObject({ status: 'paid', payment: { amount: 10_000 } });
    await tell('purchase.paid', { purchase_id: id, channel: 'success_callback' });
    expect((await bench.read(id)).transaction_data.attempts).toHaveLength(1);
  });

  it('may be money other than was asked', async () => {
    const { id } = await bench.made();
    await tell('purchase.paid', { purchase_id: id, amount: 1, currency: 'SGD' });
    expect(await bench.read(id)).toMatchObject({
      payment: { amount: 1, currency: 'SGD' },
      purchase: { total: 10_000 },
    });
  });

  it('may be a lie', async () => {
    const { id } = await bench.made();
    await bench.call('POST', `/purchases/${id}/cancel/`);
    expect(await tell('purchase.paid', { purchase_id: id })).toMatchObject({ status: 400 });
    expect(await tell('purchase.paid', { purchase_id: id, apply: false })).toMatchObject({ status: 200 });
    expect((await arrived(paidBy(id))).event.status).toBe('cancelled');
  });

  it.each([
    ['purchase.paid', {}],
    ['purchase.paid', { purchase_id: 'nobody' }],
    ['purchase.refunded', { reference: 'cart-1' }],
    ['purchase.paid', { reference: 'cart-1', channel: 'pigeon' }],
    ['purchase.paid', { reference: 'cart-1', times: 0 }],
  ])('%s with %j is refused', async (event, body) => {
    await bench.made();
    expect(await tell(event, body)).toMatchObject({ status: 400, answer: { error: { message: expect.any(String) } } });
  });
});

describe('webhooks', () => {
  const call = async (method: string, path: string, body?: object) => bench.call(method, `/webhooks/${path}`, body);

  it('are kept by the merchant, each with a key of its own, and hear what they asked for', async () => {
    const wish = { title: 'Paid only', callback: `${bench.inbox.url}/mine`, events: ['purchase.paid'] };
    const { status, body } = await call('POST', '', wish);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...wish, type: 'webhook', all_events: false, public_key: keyOf(body.id) });
    expect(body['public_key']).not.toBe(webhookKey());
    await bench.paid();
    await eventually(() => expect(bench.inbox.caught.some(({ path }) => path === '/mine')).toBe(true));
    const heard = bench.inbox.caught.filter(({ path }) => path === '/mine');
    expect(typesOf(heard)).toEqual(['purchase.paid']);
    expect(heard.every((caught) => isSigned(caught, keyOf(body.id)))).toBe(true);
    expect((await call('PATCH', `${body.id}/`, { title: 'All' })).body).toMatchObject({
      title: 'All',
      events: wish.events,
    });
    expect((await call('PUT', `${body.id}/`, { title: 'x' })).status).toBe(400);
    expect((await call('GET', '')).body).toMatchObject({ results: [{ id: body.id }, {}], next: null, previous: null });
    expect((await call('DELETE', `${body.id}/`)).status).toBe(204);
    expect((await call('GET', `${body.id}/`)).status).toBe(404);
  });

  it.each([
    {},
    { title: 'x', callback: 'nowhere', all_events: true },
    { title: 'x', callback: 'http://x/', events: ['y'] },
  ])('as %j are refused', async (wish) => {
    expect((await call('POST', '', wish)).status).toBe(400);
  });

  it('have keys that can be changed, and so has the company', async () => {
    const before = companyKey();
    const { body } = await bench.tell('keys/company', {});
    expect(body).toEqual({ id: 'company', public_key: companyKey() });
    expect(companyKey()).not.toBe(before);
    expect((await bench.call('GET', '/public_key/')).body).toBe(companyKey());
    await bench.tell('settings', { publicKey: 'escaped' });
    expect((await bench.call('GET', '/public_key/')).body).toBe(companyKey().replaceAll('\n', '\\n'));
    const id = bench.webhookId();
    await bench.tell(`keys/${id}`, {});
    expect((await call('GET', `${id}/`)).body['public_key']).toBe(webhookKey());
    expect((await bench.tell('keys/nobody', {})).status).toBe(400);
  });
});

it('shows what it holds', async () => {
  const { id } = await bench.paid();
  await arrived(() => callbacks(id));
  const page = await (await fetch(`${bench.sim.url}/_sim`)).text();
  for (const part of [id, 'purchase.paid', bench.webhookId()]) expect(page).toContain(part);
});
