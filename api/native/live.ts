// A booking as it changes: asked once, waited for, or streamed.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SSEStreamingApi } from 'hono/streaming';
import type { StoredBooking } from '../../db/bookings.ts';
import type { BookingWatch } from '../../db/watch.ts';
import { principalOf } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { bookingById, bookingWithoutAsker } from '../bookings.ts';
import type { Desk } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { BEARER, json, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { requireAccess, tokenOrLink } from '../links.ts';
import { viewFor } from './viewing.ts';
import { BookingBody } from './wire.ts';

const LONGEST_WAIT_S = 30;
/** Also when no news comes: the ear may be deaf for a moment. */
const LOOK_AGAIN_MS = 5_000;
const HEARTBEAT_MS = 15_000;

const Query = z.object({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(LONGEST_WAIT_S)
    .default(0)
    .openapi({ description: 'Seconds to wait for a change' }),
  version: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .openapi({ description: 'The version last seen; by default the present one' }),
});
const Id = z.object({ id: z.string().max(64) });

export function addLive(router: Router, desk: Desk, watch: BookingWatch): void {
  const route = createRoute({
    method: 'get',
    path: '/v1/bookings/{id}',
    tags: ['bookings'],
    summary: 'One booking, at once or when it has changed',
    security: BEARER,
    middleware: [desk.auth.require()] as const,
    request: { params: Id, query: Query },
    responses: {
      200: json('The booking', BookingBody),
      ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const principal = principalOf(c);
    const { id } = c.req.valid('param');
    const { wait, version } = c.req.valid('query');
    const first = await bookingById(desk, id, principal);
    const waiting = {
      desk,
      watch,
      first,
      since: version ?? first.row.version,
      waitMs: wait * 1_000,
      signal: c.req.raw.signal,
    };
    const stored = wait === 0 ? first : await afterChange(waiting, principal);
    return c.json(await viewFor(desk, stored, principal), 200, { 'Cache-Control': 'no-store' });
  });
  addStream(router, desk, watch);
}

interface Waiting {
  readonly desk: Desk;
  readonly watch: BookingWatch;
  readonly first: StoredBooking;
  readonly since: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

async function afterChange(
  { desk, watch, first, since, waitMs, signal }: Waiting,
  principal: Principal,
): Promise<StoredBooking> {
  const until = performance.now() + waitMs;
  const bell = bellOf(watch, first.row.id, signal);
  try {
    let stored = first;
    while (stored.row.version <= since && performance.now() < until && !signal.aborted) {
      await bell.rings(Math.min(LOOK_AGAIN_MS, until - performance.now()));
      stored = await bookingById(desk, first.row.id, principal);
    }
    return stored;
  } finally {
    bell.remove();
  }
}

/** Remembers a ring that came while nobody listened, so that no change falls between two looks. */
function bellOf(watch: BookingWatch, bookingId: string, gone: AbortSignal) {
  let rung = false;
  let answer: (() => void) | undefined;
  const remove = watch.subscribe(bookingId, () => {
    rung = true;
    answer?.();
  });
  gone.addEventListener('abort', () => answer?.(), { once: true });
  const rings = async (timeoutMs: number): Promise<void> => {
    if (!rung && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        answer = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    rung = false;
  };
  return { remove, rings };
}

function addStream(router: Router, desk: Desk, watch: BookingWatch): void {
  router.openAPIRegistry.registerPath({
    method: 'get',
    path: '/v1/bookings/{id}/events',
    tags: ['bookings'],
    summary: 'One booking as it changes, as server-sent events',
    description:
      'Each event is named `booking`, has the version for its id and the booking for its data. Ends when the token or link that opened it does.',
    security: BEARER,
    request: { params: Id },
    responses: {
      200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      ...refusals(nativeArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  const door = tokenOrLink({
    auth: desk.auth,
    links: desk.links,
    purpose: 'view',
    secure: desk.config.publicUrl.startsWith('https:'),
    bookingIdOf: (c) => c.req.param('id'),
  });
  router.get('/v1/bookings/:id/events', door, async (c) => {
    const stored = await bookingWithoutAsker(desk, c.req.param('id'));
    requireAccess(c, stored.row);
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, (stream) => tellChanges({ desk, watch, c, stream, first: stored }));
  });
}

interface Telling {
  readonly desk: Desk;
  readonly watch: BookingWatch;
  readonly c: Context<AppEnv>;
  readonly stream: SSEStreamingApi;
  readonly first: StoredBooking;
}

async function tellChanges({ desk, watch, c, stream, first }: Telling): Promise<void> {
  const left = new AbortController();
  stream.onAbort(() => left.abort());
  const bell = bellOf(watch, first.row.id, left.signal);
  // Whoever let it in is asked again when the browser comes back.
  const endsMs = c.get('accessEndsAt')?.getTime() ?? 0;
  const leftMs = (): number => endsMs - desk.clock().getTime();
  let told = Number(c.req.header('Last-Event-ID') ?? -1);
  try {
    for (
      let stored = first;
      !left.signal.aborted && leftMs() > 0;
      stored = await bookingWithoutAsker(desk, first.row.id)
    ) {
      const { version } = stored.row;
      if (version === told) await stream.write(': still here\n\n');
      else
        await stream.writeSSE({
          event: 'booking',
          id: String(version),
          data: JSON.stringify(await viewFor(desk, stored, c.get('principal'))),
        });
      told = version;
      await bell.rings(Math.min(HEARTBEAT_MS, leftMs()));
    }
  } finally {
    bell.remove();
  }
}
