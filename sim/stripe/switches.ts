// What a test or an operator may change: webhook endpoints, accepted currencies, one more delivery of an event.
import type { Hono } from 'hono';
import { refused } from '../controls.ts';
import { isRecord, json, objectFrom, send, textFrom } from '../reply.ts';
import type { SimEnv } from '../reply.ts';
import { REASONS, openDispute } from './dispute-life.ts';
import type { World } from './state.ts';
import type { WebhookSender } from './webhooks.ts';

const MOST_RESENDS = 1_000;

/** `secret` is `whsec_…`, or several with commas between them while one is being rotated. */
export type WebhookTarget = { url: string; secret: string };

/** Replaces the endpoints. An endpoint is its place in the list, so what waits for it follows it to a new address. */
export function setWebhooks(world: World, targets: WebhookTarget[]): void {
  for (const { id } of world.endpoints.values()) world.endpoints.delete(id);
  for (const [position, { url, secret }] of targets.entries()) {
    world.endpoints.put({ id: `we_${position + 1}`, url, secret });
  }
}

export function mountSwitches(app: Hono<SimEnv>, world: World, sender: WebhookSender): void {
  app.post('/_sim/webhooks', async (c) => {
    const body = objectFrom(await c.req.text());
    const list = body && (Array.isArray(body['endpoints']) ? body['endpoints'] : [body]);
    if (!list?.every(isTarget)) return send(c, refused('send {url, secret} or {endpoints: [{url, secret}]}'));
    setWebhooks(world, list);
    return send(c, json(200, { endpoints: world.endpoints.values() }));
  });
  app.post('/_sim/currencies', async (c) => {
    const unsupported = objectFrom(await c.req.text())?.['unsupported'];
    if (!Array.isArray(unsupported)) return send(c, refused('send {unsupported: ["pkr"]}'));
    world.unsupportedCurrencies = new Set(unsupported.map((code) => textFrom(code).toLowerCase()));
    return send(c, json(200, { unsupported: [...world.unsupportedCurrencies] }));
  });
  app.post('/_sim/disputes', async (c) => {
    const body = objectFrom(await c.req.text()) ?? {};
    const named = textFrom(body['payment_intent']);
    const charge = world.charges.get(textFrom(body['charge']) || (world.intents.get(named)?.latest_charge ?? ''));
    const reason = textFrom(body['reason']) || 'fraudulent';
    const amount = body['amount'] === undefined ? undefined : Number(body['amount']);
    if (!charge || !REASONS.includes(reason) || (amount !== undefined && !(amount >= 1)))
      return send(c, refused(`send {charge | payment_intent, reason?: ${REASONS.join(' | ')}, amount?}`));
    const dispute = openDispute(world, charge, { reason, amount });
    return send(c, dispute ? json(201, dispute) : refused('this charge is disputed already, or has nothing left'));
  });
  app.post('/_sim/reopen', async (c) => {
    const intent = world.intents.get(textFrom(objectFrom(await c.req.text())?.['payment_intent']));
    if (intent?.status !== 'canceled') return send(c, refused('send {payment_intent} of one that is cancelled'));
    const reopened = { status: 'requires_payment_method', canceled_at: null, cancellation_reason: null } as const;
    return send(c, json(200, world.intents.put({ ...intent, ...reopened })));
  });
  app.post('/_sim/events/:id/resend', async (c) => {
    const event = world.events.get(c.req.param('id'));
    if (!event) return send(c, refused('no such event'));
    const times = Number(objectFrom(await c.req.text())?.['times'] ?? 1);
    if (!(times >= 1 && times <= MOST_RESENDS)) return send(c, refused(`times must be from 1 to ${MOST_RESENDS}`));
    for (let sent = 0; sent < times; sent += 1) sender.resend(event);
    return send(c, json(200, { resent: times }));
  });
}

function isTarget(value: unknown): value is WebhookTarget {
  if (!isRecord(value) || typeof value['url'] !== 'string' || typeof value['secret'] !== 'string') return false;
  return value['secret'].trim() !== '' && URL.canParse(value['url']);
}
