// Gateways' news: verified, stored, committed, acknowledged. What it means is found out later, by the sweep and the workflow.
import type { Context } from 'hono';
import { createRoute, z } from '@hono/zod-openapi';
import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';
import { storeRejected } from '../db/inbox.ts';
import type { Arrival, VerifiedArrival } from '../db/inbox.ts';
import { createInboxWriter } from '../db/inbox-writer.ts';
import { GatewayUnreachable } from '../domain/payment.ts';
import type { Gateway, WebhookReading } from '../domain/payment.ts';
import type { Desk } from './desk/desk.ts';
import { isBookingId } from '../domain/ids.ts';
import { VisibleError } from './errors.ts';
import type { ErrorArea } from './errors.ts';
import type { AppEnv } from './http/env.ts';
import { clientAddress, createRateLimiter, tooMany } from './http/rate-limit.ts';
import { logOf } from './http/request-log.ts';
import { json, refusals } from './http/router.ts';
import type { Router } from './http/router.ts';

export interface InboxDoorOptions {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly clock: () => Date;
  readonly badSignaturesPerMinute: number;
  readonly trustProxy: number;
}

interface Channel {
  readonly gateway: Gateway;
  readonly channel: string;
  /** Where each webhook has a key of its own: the one it came by. */
  readonly webhookId?: string;
}

export interface InboxDoor {
  /** A handler for any path; resolves when the event may be acknowledged. */
  receive(c: Context<AppEnv>, at: Channel): Promise<void>;
}

/** Many strangers at once must not fill the disk with rejected bodies. */
const REJECTED_ROWS_PER_MINUTE = 600;
const KEPT_HEADERS = ['content-type', 'user-agent', 'stripe-signature', 'x-signature', 'x-request-id'];

export function createInboxDoor(options: InboxDoorOptions): InboxDoor {
  const { db, keyring, clock, trustProxy } = options;
  const store = createInboxWriter(db, keyring);
  const perAddress = createRateLimiter({ perMinute: options.badSignaturesPerMinute, clock });
  const allRejected = createRateLimiter({ perMinute: REJECTED_ROWS_PER_MINUTE, clock });

  const reject = async (c: Context<AppEnv>, arrival: Arrival, reason: string): Promise<never> => {
    const admission = perAddress.take(clientAddress(c, trustProxy));
    if (admission.kind === 'refused') throw tooMany(admission.retryAfterS);
    if (allRejected.take('rows').kind === 'admitted') await storeRejected(options, arrival, reason);
    logOf(c).warn({ gateway: arrival.gateway, channel: arrival.channel, reason }, 'webhook rejected');
    throw new VisibleError('forged', `The webhook was not accepted: ${reason}.`, { code: 'invalid_signature' });
  };

  return {
    receive: async (c, { gateway, channel, webhookId }) => {
      const raw = new Uint8Array(await c.req.arrayBuffer());
      const arrival = { gateway: gateway.name, channel, raw, headers: keptHeaders(c) };
      const header = (name: string) => c.req.header(name);
      const reading = await gateway.readWebhook(raw, header, webhookId).catch(refuseForNow);
      if (reading.kind === 'forged') return reject(c, arrival, reading.reason);
      // Where a gateway names the cart instead, its id is no word for a log: it is all that holding the cart takes.
      if (reading.bookingId && isBookingId(reading.bookingId)) c.set('bookingId', reading.bookingId);
      await store({ ...arrival, ...meaningOf(reading) });
      return undefined;
    },
  };
}

/** Whether it is forged cannot be told before the gateway has named its key: it sends the news again. */
function refuseForNow(error: unknown): never {
  if (!(error instanceof GatewayUnreachable)) throw error;
  const message = 'The signature cannot be checked at the moment. Please send it again.';
  throw new VisibleError('unavailable', message, { retryAfterS: 5, cause: error });
}

type Meaning = Omit<VerifiedArrival, keyof Arrival>;

function meaningOf(reading: Exclude<WebhookReading, { kind: 'forged' }>): Meaning {
  if (reading.kind === 'event') {
    const { kind: _, ...meaning } = reading;
    return meaning;
  }
  const { kind: _, ...named } = reading;
  return { ...named, effect: null };
}

const keptHeaders = (c: Context): Record<string, string> =>
  Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => [[name, c.req.header(name) ?? ''] as const]).filter(([, value]) => value !== ''),
  );

const Acknowledged = z.object({ received: z.literal(true) });

interface WebhookRoute {
  readonly path: string;
  readonly tag: string;
  readonly area: ErrorArea;
}

/** How gateways authenticate, for the OpenAPI document; checking is the gateway's own business. */
export const WEBHOOK_SIGNATURES = {
  stripeSignature: { type: 'apiKey', in: 'header', name: 'Stripe-Signature' },
} as const;

/** Declares the path of a webhook. Its body has no schema here: the bytes are what is signed, so nothing may parse them before. */
const stripeRoute = ({ path, tag, area }: WebhookRoute) =>
  createRoute({
    method: 'post',
    path,
    tags: [tag],
    summary: 'Webhook of the payment gateway',
    description:
      'Called by the gateway, authenticated by its signature only. Stored before it is acknowledged; sent twice, stored once. ' +
      'An unknown type is acknowledged and ignored.',
    security: [{ stripeSignature: [] }],
    request: { body: { required: true, content: { 'application/json': { schema: { type: 'object' as const } } } } },
    responses: {
      200: json('Stored', Acknowledged),
      ...refusals(area, 'forged', 'too_large', 'rate_limited', 'unavailable'),
    },
  });

/** Stripe's post is one, whichever of its gateways it is about and whatever path it comes by. */
export function addStripeWebhook(
  router: Router,
  { inbox, gateways }: Pick<Desk, 'inbox' | 'gateways'>,
  where: WebhookRoute,
): void {
  router.openapi(stripeRoute(where), async (c) => {
    await inbox.receive(c, { gateway: gateways.stripe_intent, channel: where.path });
    return c.json({ received: true as const }, 200);
  });
}
