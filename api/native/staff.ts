// What staff may say to a booking that needs a person, and sending the papers again.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { recordAudit, sealWords } from '../../db/audit.ts';
import { principalOf, STAFF } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { acceptedOf, bookingById, newRequestId, refuseUnapproved } from '../bookings.ts';
import type { Desk, StoredBooking } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { BEARER, FOR_STAFF, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import type { Reply } from '../desk/door.ts';
import type { StaffResult } from '../../workflows/messages.ts';
import { answerIsNotFinal } from '../idempotency.ts';
import { viewFor } from './viewing.ts';
import { BookingBody } from './wire.ts';

const Id = z.object({ id: z.string().max(64) });
const Meant = z.string().max(200).optional().openapi({
  description: 'The id of the `attention` that is meant; without it the one the booking has now',
});
const Again = z.object({ attention: Meant });
const Outcome = z.object({
  outcome: z.enum(['done', 'impossible']).openapi({ description: 'The step was done by hand, or it never will be' }),
  note: z.string().trim().max(500).optional(),
  attention: Meant,
});

interface Saying {
  readonly action: 'retry' | 'resolve' | 'compensate' | 'resend';
  readonly nothingToDo: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** In their own words, sealed with the booking's key. */
  readonly words?: string;
  readonly say: (principal: Principal, stored: StoredBooking) => Promise<Reply<StaffResult>>;
}

/** Says it to the workflow, writes down who did, and shows how the booking stands then. */
async function tell(desk: Desk, c: Context<AppEnv>, { action, nothingToDo, detail = {}, words, say }: Saying) {
  const principal = principalOf(c);
  const stored = await bookingById(desk, c.req.param('id') ?? '', principal);
  const { row } = stored;
  const reply = await say(principal, stored);
  if (reply.kind !== 'slow') acceptedOf(reply, nothingToDo);
  const sealedWords = words && (await sealWords(desk.keyring, row.id, words));
  const { sub: actor, role } = principal;
  await recordAudit(desk.db, { actor, role, action, bookingId: row.id, detail, ...(sealedWords && { sealedWords }) });
  const view = await viewFor(desk, await bookingById(desk, row.id, principal), principal);
  if (reply.kind !== 'slow') return c.json(view, 200);
  answerIsNotFinal(c);
  return c.json(view, 202);
}

const described = (guards: MiddlewareHandler<AppEnv>[]) => ({
  method: 'post' as const,
  tags: ['staff'],
  security: FOR_STAFF,
  middleware: guards,
  responses: {
    200: json('Heard: the booking as it stood then; what follows takes a moment', BookingBody),
    202: json('Said, but not yet answered', BookingBody),
    ...refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict'),
  },
});

export function addStaffActions(router: Router, desk: Desk): void {
  const staff = described([desk.auth.require({ roles: STAFF }), desk.idempotent]);
  const { door } = desk;

  const retry = createRoute({
    ...staff,
    path: '/v1/bookings/{id}/retry',
    summary: 'Try the parked step again now',
    description: 'A refund that came back is sent once more.',
    request: { params: Id, query: Again },
  });
  router.openapi(retry, (c) => {
    const { attention } = c.req.valid('query');
    return tell(desk, c, {
      action: 'retry',
      nothingToDo: 'Nothing waits to be retried',
      ...(attention && { detail: { attention } }),
      say: ({ sub }, { row, booking }) =>
        door.retryStep(row.id, { actor: sub, attentionId: attention ?? booking.attention?.id ?? null }),
    });
  });

  const resolve = createRoute({
    ...staff,
    path: '/v1/bookings/{id}/resolve',
    summary: 'Settle the parked step: done by hand, or impossible',
    request: { params: Id, body: jsonBody(Outcome, { outcome: 'done', note: 'refunded by bank transfer' }) },
  });
  router.openapi(resolve, (c) => {
    const { outcome, note, attention } = c.req.valid('json');
    return tell(desk, c, {
      action: 'resolve',
      nothingToDo: 'Nothing waits to be resolved',
      detail: { outcome, ...(attention && { attention }) },
      ...(note && { words: note }),
      say: ({ sub }, { row, booking }) =>
        door.resolve(row.id, { actor: sub, outcome, attentionId: attention ?? booking.attention?.id ?? null }),
    });
  });

  const compensate = createRoute({
    ...staff,
    path: '/v1/bookings/{id}/compensate',
    summary: 'Stop the booking and give everything back',
    description:
      'A trip that was sold is given back like this only up to `APPROVAL_LIMIT`, what a bank has taken not counted; above it ask for a refund, which a second person approves.',
    request: { params: Id },
  });
  router.openapi(compensate, (c) =>
    tell(desk, c, {
      action: 'compensate',
      nothingToDo: 'There is nothing to take back',
      say: (principal, stored) => {
        refuseUnapproved(desk, stored);
        return door.compensate(stored.row.id, { actor: principal.sub });
      },
    }),
  );
}

/** Not only staff's: the owner may ask for his papers too. */
export function addResend(router: Router, desk: Desk): void {
  const staffs = described([desk.auth.require(), desk.limitLetters(), desk.idempotent]);
  const resend = createRoute({
    ...staffs,
    responses: { ...staffs.responses, ...refusals(nativeArea, 'rate_limited') },
    security: BEARER,
    path: '/v1/bookings/{id}/resend',
    summary: 'Mail the confirmation with its papers again',
    description: 'For the owner and the back office.',
    request: { params: Id },
  });
  router.openapi(resend, (c) => {
    const requestId = newRequestId('rs', c.get('heldKey')?.scope);
    return tell(desk, c, {
      action: 'resend',
      nothingToDo: 'Nothing can be sent',
      detail: { requestId },
      say: ({ sub }, { row }) => desk.door.resend(row.id, { actor: sub, requestId }),
    });
  });
}
