// POST /v1/bookings: one round trip from "the customer wants it" to what the browser needs to pay.
import { createRoute } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import { paymentIdOf } from '../../domain/ids.ts';
import { statusOf } from '../../domain/booking.ts';
import { gatewayOf } from '../../domain/routing.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { BACK_OFFICE, forbidden, principalOf } from '../auth.ts';
import type { Principal } from '../auth.ts';
import { bookActivity } from '../bookings.ts';
import type { Desk, OpenedBooking } from '../bookings.ts';
import { nativeArea, VisibleError } from '../errors.ts';
import { BEARER, json, jsonBody, refusals } from '../http/router.ts';
import type { Router } from '../http/router.ts';
import { answerIsNotFinal } from '../idempotency.ts';
import { CreateBooking, createBookingExample, fieldOf, orderOf } from './requests.ts';
import type { CreateBookingBody } from './requests.ts';
import { Accepted, Created, linksOf, nextActionOf } from './wire.ts';

export function addCreating(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/v1/bookings',
    tags: ['bookings'],
    summary: 'Book, and open the payment',
    description:
      'The same reference (`agent_order_id`, else `order_id`, else the same body while it can be paid) gives the same answer; with ' +
      'another body 409. While the workflow is slow the answer is 202: ask the status link, or send the same request again.',
    security: BEARER,
    middleware: [desk.auth.require(), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(CreateBooking, createBookingExample(desk.clock())) },
    responses: {
      201: json('Booked; the payment is open', Created),
      202: json('Booked; the payment is being opened', Accepted),
      ...refusals(
        nativeArea,
        'not_json',
        'invalid',
        'unauthenticated',
        'forbidden',
        'not_found',
        'conflict',
        'too_large',
        'rate_limited',
      ),
    },
  });
  router.openapi(route, async (c) => {
    const principal = principalOf(c);
    const body = c.req.valid('json');
    refuseOverreach(principal, body);
    const opening = await bookActivity(desk, {
      wire: 'v1',
      storefront: body.storefront,
      order: orderOf(body, desk.config.pricing.markup),
      principal,
      ownerSub: body.customer.userId ?? principal.sub,
      heldKey: c.get('heldKey'),
      field: fieldOf,
      render: (opened) => createdOf(opened, desk.config.publicUrl),
    });
    if (opening.kind === 'slow') {
      answerIsNotFinal(c);
      const accepted = acceptedOf(opening.stored, desk.config.publicUrl);
      return c.json(accepted, 202, { Location: `/v1/bookings/${accepted.id}`, 'Retry-After': '2' });
    }
    const created = Created.parse(opening.body);
    c.set('bookingId', created.id);
    return c.json(created, 201, { Location: `/v1/bookings/${created.id}` });
  });
}

function refuseOverreach(principal: Principal, { storefront, price, customer }: CreateBookingBody): void {
  if (principal.storefront && principal.storefront !== storefront)
    throw forbidden('The token is limited to another storefront.');
  if (BACK_OFFICE.includes(principal.role)) return;
  if (price)
    throw new VisibleError('forbidden', 'A customer does not name the price.', {
      fields: { price: ['only for service and staff'] },
    });
  if (customer.userId !== undefined && customer.userId !== principal.sub)
    throw forbidden('A customer books for himself.');
}

function createdOf(opened: OpenedBooking, publicUrl: string): z.output<typeof Created> {
  const { id, gateway, status } = opened.payment;
  return { ...headOf(opened.stored, publicUrl), payment: { id, gateway, status }, nextAction: nextActionOf(opened) };
}

function acceptedOf(stored: StoredBooking, publicUrl: string): z.output<typeof Accepted> {
  const { id, attempt } = stored.row;
  const payment = { id: paymentIdOf(id, attempt), gateway: gatewayOf(stored.product), status: 'opening' };
  return { ...headOf(stored, publicUrl), payment };
}

function headOf({ booking }: StoredBooking, publicUrl: string) {
  const { id, number, charge, expiresAt } = booking;
  return {
    id,
    number,
    status: statusOf(booking),
    amount: charge.minor,
    currency: charge.currency,
    expiresAt,
    links: linksOf(booking, publicUrl),
  };
}
