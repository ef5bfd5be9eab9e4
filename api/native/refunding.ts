// Money back, by staff.
import { createRoute, z } from '@hono/zod-openapi';
import type { Refund } from '../../domain/booking.ts';
import { waitsForBank } from '../../domain/refund-verdict.ts';
import { principalOf, STAFF } from '../auth.ts';
import {
  approveRefund,
  bookingById,
  isFinal,
  newRequestId,
  reasonsGiven,
  refundBooking,
  withdrawRefund,
} from '../bookings.ts';
import type { Desk, RefundNow } from '../bookings.ts';
import { nativeArea } from '../errors.ts';
import { answerIsNotFinal } from '../idempotency.ts';
import { BEARER, FOR_STAFF, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { RefundWire, refundWire, whatToDo } from './wire.ts';

const Id = z.object({ id: z.string().max(64) });
const RefundId = Id.extend({ refundId: z.string().max(64) });
const Wish = z.object({
  amount: z.int().positive().optional().openapi({ description: 'Minor units; everything that is left when absent' }),
  reason: z.string().trim().min(1).max(500),
});
const Refunded = RefundWire.pick({
  id: true,
  ref: true,
  amount: true,
  currency: true,
  status: true,
  toHandOut: true,
  whatToDo: true,
}).extend({
  left: z.int().openapi({ description: 'What could be refunded after this' }),
});
const List = z.object({
  items: z.array(RefundWire),
  frozen: z.boolean().openapi({ description: 'A bank disputes the payment: nothing is refunded until it has decided' }),
});
const TAGS = ['refunds'];
const seen = refusals(nativeArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found', 'conflict');

export function addRefunding(router: Router, desk: Desk): void {
  const staffOnly = [desk.auth.require({ roles: STAFF }), desk.idempotent];
  const ask = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/refunds',
    tags: TAGS,
    summary: 'Refund a part or all of it',
    description:
      'While a bank disputes the payment, 409 `payment_disputed`; 409 `refund_whole_only`, `refund_parts_only` or `refund_not_at_all` where the way it was paid allows nothing else. When the refunds by staff of a booking add up to more than `APPROVAL_LIMIT`, 202 until another staff member approves. What was paid at the desk is `toHandOut`: it stays `pending` until staff have handed it out and resolve it as done. Not final in 5 s: `status` is `pending`, and it goes on.',
    security: FOR_STAFF,
    middleware: staffOnly,
    request: { params: Id, body: jsonBody(Wish, { amount: 1_000, reason: 'goodwill' }) },
    responses: { 200: json('The refund', Refunded), 202: json('Waits for approval', Refunded), ...seen },
  });
  router.openapi(ask, async (c) => {
    const principal = principalOf(c);
    const { amount, reason } = c.req.valid('json');
    const stored = await bookingById(desk, c.req.valid('param').id, principal);
    const refundId = newRequestId('rf', c.get('heldKey')?.scope);
    const now = await refundBooking(desk, stored, { refundId, amountMinor: amount ?? null, reason, principal });
    if (!isFinal(now)) answerIsNotFinal(c);
    return c.json(nowWire(now), now.status === 'awaiting_approval' ? 202 : 200);
  });

  const approve = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/refunds/{refundId}/approve',
    tags: TAGS,
    summary: 'Approve a refund that somebody else asked for',
    security: FOR_STAFF,
    middleware: staffOnly,
    request: { params: RefundId },
    responses: { 200: json('The refund', Refunded), ...seen },
  });
  router.openapi(approve, async (c) => {
    const principal = principalOf(c);
    const { id, refundId } = c.req.valid('param');
    const stored = await bookingById(desk, id, principal);
    const now = await approveRefund(desk, stored, { refundId, principal });
    if (!isFinal(now)) answerIsNotFinal(c);
    return c.json(nowWire(now), 200);
  });

  addWithdraw(router, desk);
  addList(router, desk);
}

function addWithdraw(router: Router, desk: Desk): void {
  const withdraw = createRoute({
    method: 'post',
    path: '/v1/bookings/{id}/refunds/{refundId}/withdraw',
    tags: TAGS,
    summary: 'Withdraw a refund that waits for approval',
    description:
      'By whoever asked for it or any other staff member; again: the same answer. The refund is `failed` then, and counts towards ' +
      '`APPROVAL_LIMIT` no more. Once approved, 409 `not_waiting`.',
    security: FOR_STAFF,
    middleware: [desk.auth.require({ roles: STAFF }), desk.idempotent] as const,
    request: { params: RefundId },
    responses: { 200: json('The refund', Refunded), ...seen },
  });
  router.openapi(withdraw, async (c) => {
    const principal = principalOf(c);
    const { id, refundId } = c.req.valid('param');
    const now = await withdrawRefund(desk, await bookingById(desk, id, principal), { refundId, principal });
    if (!isFinal(now)) answerIsNotFinal(c);
    return c.json(nowWire(now), 200);
  });
}

function addList(router: Router, desk: Desk): void {
  const list = createRoute({
    method: 'get',
    path: '/v1/bookings/{id}/refunds',
    tags: TAGS,
    summary: 'The refunds of a booking',
    security: BEARER,
    middleware: [desk.auth.require()] as const,
    request: { params: Id },
    responses: { 200: json('The refunds', List), ...seen },
  });
  router.openapi(list, async (c) => {
    const principal = principalOf(c);
    const { booking } = await bookingById(desk, c.req.valid('param').id, principal);
    const frozen = waitsForBank(booking, { cause: 'staff' });
    if (!STAFF.includes(principal.role))
      return c.json({ items: booking.refunds.map((refund) => refundWire(refund, { staff: false })), frozen }, 200);
    const reasons = await reasonsGiven(desk, booking.id);
    const inFull = (refund: Refund) => ({
      ...refundWire(refund, { staff: true }),
      staffReason: reasons.get(refund.id) ?? null,
    });
    return c.json({ items: booking.refunds.map(inFull), frozen }, 200);
  });
}

const nowWire = ({
  refundId,
  ref,
  amountMinor,
  currency,
  status,
  toHandOut,
  leftMinor,
}: RefundNow): z.output<typeof Refunded> => ({
  id: refundId,
  ref,
  amount: amountMinor,
  currency,
  status,
  toHandOut,
  whatToDo: whatToDo(toHandOut),
  left: leftMinor,
});
