// Writes an event for each change that Stripe announces; delivery is the webhook sender's work.
import { isRecord } from '../reply.ts';
import { objectId, unixNow } from './objects.ts';
import type { Intent, StripeEvent } from './objects.ts';
import type { World } from './state.ts';

const API_VERSION = '2026-10-28.endive';

/** Who caused a change: the API request, or nobody (time, the customer's bank). */
export type Cause = { id: string; idempotencyKey: string | null } | null;

export type Announcement = {
  type: string;
  object: unknown;
  cause: Cause;
  previous?: Record<string, unknown>;
};

export function announce(world: World, { type, object, cause, previous }: Announcement): void {
  const event: StripeEvent = {
    id: objectId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: unixNow(),
    data: { object, ...(previous ? { previous_attributes: previous } : {}) },
    livemode: false,
    pending_webhooks: world.endpoints.size,
    request: cause ? { id: cause.id, idempotency_key: cause.idempotencyKey } : null,
    type,
  };
  world.events.put(event);
  world.deliver(event);
}

/** The intent that a `payment_intent.…` event carries. */
export function intentIn({ type, data: { object } }: StripeEvent): Intent | undefined {
  return type.startsWith('payment_intent.') && isIntent(object) ? object : undefined;
}

export function isIntent(object: unknown): object is Intent {
  return isRecord(object) && object['object'] === 'payment_intent';
}
