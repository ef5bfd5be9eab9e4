// Leaving a booking: the quote, then the deed.
import { createRoute, z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { BOOKING_STATUSES, statusOf } from '../../domain/booking.ts';
import { principalOf } from '../auth.ts';
import { answeredOf, bookingById, cancelWith, quoteFor } from '../bookings.ts';
import type { Desk } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import { BEARER, json, jsonBody, refusals } from '../http/router.ts';
import type { AppEnv } from '../http/env.ts';
import type { Router } from '../http/router.ts';
import { answerIsNotFinal } from '../idempotency.ts';
import { recordAudit } from '../../db/audit.ts';

const Id = z.object({ id: z.string().max(64) });
const Quote = z.object({
  quoteId: z.string(),
  refund: z.int(),
  keep: z.int(),
  currency: z.string(),
  reason: z.string(),
  expiresAt: z.iso.datetime(),
});
const Cancelled = z.object({
  id: z.string(),
  status: z.enum(BOOKING_STATUSES),
  refund: z.int(),
  keep: z.int(),
  currency: z.string(),
});
const seen = refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict', 'rate_limited');

export function addCancelling(router: Router, desk: Desk): void {
  const guarded = [desk.auth.require(), desk.limitCreates, desk.idempotent];
  addQuote(router, desk, guarded);
  addCancel(router, desk, guarded);
}

type Guards = MiddlewareHandler<AppEnv>[];

function addQuote(router: Router, desk: Desk, guarded: Guards): void {
  const quote = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/cancel-quote',
    tags: ['bookings'],
    summary: 'What comes back if the booking is cancelled now',
    description:
      'By the terms the supplier published when it was booked; `reason` names the one that holds now. Amounts in minor units; good for ten minutes. Before payment both are 0. While a bank disputes the payment, 409 `payment_disputed`.',
    security: BEARER,
    middleware: guarded,
    request: { params: Id },
    responses: { 200: json('The quote', Quote), ...seen },
  });
  router.openapi(quote, async (c) => {
    const stored = await bookingById(desk, c.req.valid('param').id, principalOf(c));
    const { quoteId, refund, keep, reason, expiresAt } = await quoteFor(desk, stored);
    return c.json(
      { quoteId, refund: refund.minor, keep: keep.minor, currency: refund.currency, reason, expiresAt },
      200,
    );
  });
}

function addCancel(router: Router, desk: Desk, guarded: Guards): void {
  const cancel = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/cancel',
    tags: ['bookings'],
    summary: 'Cancel on the terms of a quote',
    description: '202 while the cancellation is under way: ask the booking, or send the same request again.',
    security: BEARER,
    middleware: guarded,
    request: {
      params: Id,
      body: jsonBody(z.object({ quoteId: z.string().max(64) }), { quoteId: '$QUOTE_ID' }),
    },
    responses: { 200: json('Cancelled', Cancelled), 202: json('Being cancelled', Cancelled), ...seen },
  });
  router.openapi(cancel, async (c) => {
    const principal = principalOf(c);
    const { id } = c.req.valid('param');
    const { quoteId } = c.req.valid('json');
    const stored = await bookingById(desk, id, principal);
    const { quote: terms, reply } = await cancelWith(desk, stored, { quoteId, actor: principal.sub });
    if (reply.kind !== 'slow') answeredOf(reply);
    await recordAudit(desk.db, {
      actor: principal.sub,
      role: principal.role,
      action: 'cancel',
      bookingId: id,
      detail: { quoteId },
    });
    const { booking } = await bookingById(desk, id, principal);
    const body = {
      id,
      status: statusOf(booking),
      refund: terms.refundMinor,
      keep: terms.keepMinor,
      currency: terms.currency,
    };
    if (reply.kind !== 'slow') return c.json(body, 200);
    answerIsNotFinal(c);
    return c.json(body, 202);
  });
}
