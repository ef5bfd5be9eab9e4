// Webhooks as the merchant keeps them; each is born with a key of its own.
import { ChipError, notFound } from './errors.ts';
import type { Problem } from './errors.ts';
import { eventTypes } from './events.ts';
import { Fields } from './fields.ts';
import { newKeyPair } from './keys.ts';
import { newId, unixNow } from './objects.ts';
import type { Webhook } from './objects.ts';
import type { World } from './state.ts';

export function listWebhooks(world: World) {
  return { results: [...world.webhooks.newest()], next: null, previous: null };
}

export function webhookOf(world: World, id: string): Webhook {
  const webhook = world.webhooks.get(id);
  if (!webhook) throw notFound();
  return webhook;
}

export async function createWebhook(world: World, body: Record<string, unknown>): Promise<Webhook> {
  const wishes = wishesIn(body);
  const keys = world.keys.put(await newKeyPair(newId()));
  const now = unixNow();
  return world.webhooks.put({
    id: keys.id,
    type: 'webhook',
    created_on: now,
    updated_on: now,
    ...wishes,
    public_key: keys.publicKey,
  });
}

/** Of a PATCH whatever it leaves out stays; a PUT says everything anew. */
export function changeWebhook(world: World, id: string, body: Record<string, unknown>): Webhook {
  return world.webhooks.put({ ...webhookOf(world, id), ...wishesIn(body), updated_on: unixNow() });
}

export function patchWebhook(world: World, id: string, body: Record<string, unknown>): Webhook {
  const { title, callback, events, all_events } = webhookOf(world, id);
  return changeWebhook(world, id, { title, callback, events, all_events, ...body });
}

export function deleteWebhook(world: World, id: string): void {
  world.webhooks.delete(webhookOf(world, id).id);
}

function wishesIn(body: Record<string, unknown>) {
  const problems: Problem[] = [];
  const fields = new Fields(body, problems);
  const title = fields.text('title', { longest: 128, required: true });
  const callback = fields.callback('callback', true);
  const all_events = fields.flag('all_events');
  const events = (fields.list('events') ?? []).map(String);
  for (const word of events.filter((type) => !eventTypes.includes(type)))
    fields.complain(['events'], 'invalid_choice', `"${word}" is not a valid choice.`);
  if (!all_events && events.length === 0) fields.complain(['events'], 'required', 'This field is required.');
  if (problems.length > 0) throw new ChipError(400, problems);
  return { title, callback, all_events, events };
}

const EVERY_EVENT = { title: 'Of this start', all_events: true };

/** The webhook that a start asks for. Its id may stand in its own address, as it does in that of whoever checks its key. */
export async function keepStandingWebhook(world: World, address: string): Promise<Webhook> {
  const held = world.webhooks.get(world.standing.get('standing')?.webhook ?? '');
  const webhook = held ?? (await createWebhook(world, { ...EVERY_EVENT, callback: 'http://127.0.0.1/' }));
  world.standing.put({ id: 'standing', webhook: webhook.id });
  const callback = address.replaceAll('{id}', webhook.id);
  return changeWebhook(world, webhook.id, { ...EVERY_EVENT, callback });
}
