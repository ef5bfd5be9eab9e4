// What can be booked, booking it, and what staff may do with a booking.
import { createRoute } from '@hono/zod-openapi';
import {
  BEARER,
  bookService,
  FOR_STAFF,
  hotelsOf,
  json,
  jsonBody,
  notReady,
  principalOf,
  refusals,
  STAFF,
} from '../../bookings.ts';
import type { Desk, Router } from '../../bookings.ts';
import { bookingOf, cancel, markAsPaid } from './acting.ts';
import { travelloArea } from './area.ts';
import { orderOf } from './stays.ts';
import { BookingId, bookingWire, BookingWire, Hotels, majorOf, MarkPaid, NewBooking } from './wire.ts';

const STOREFRONT = 'travello';
const TAGS = [STOREFRONT];

export function addBookings(router: Router, desk: Desk): void {
  router.openapi(hotels, async (c) => {
    const all = await hotelsOf(desk);
    const results = all.map(({ id, name, rooms }) => ({
      id,
      name,
      rooms: rooms.map(({ price, ...room }) => ({ ...room, price: majorOf(price), currency: price.currency })),
    }));
    return c.json({ results }, 200);
  });
  addBook(router, desk);
  addRead(router, desk);
  addMarkPaid(router, desk);
  addCancel(router, desk);
}

const hotels = createRoute({
  method: 'get',
  path: '/api/hotels/',
  tags: TAGS,
  summary: 'The hotels and their rooms',
  responses: { 200: json('The hotels', Hotels) },
});

export const BOOKING_EXAMPLE = {
  hotel: 1,
  room: 1,
  check_in: '2099-05-04',
  check_out: '2099-05-06',
  guests: 2,
  payment_method: 'ONLINE',
};

function addBook(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/api/bookings/',
    tags: TAGS,
    summary: 'Book a room',
    description:
      'The price is the server’s. The same body gives the same booking for as long as it can be paid; with an `Idempotency-Key` each key is ' +
      'a booking of its own. Paid online within 24 hours (`PAYMENT_WINDOW`), on arrival until the day after `check_out`. Cancelled up to ' +
      '48 hours before 14:00 of `check_in`, by the hotel’s clock, all that was paid comes back.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(NewBooking, BOOKING_EXAMPLE) },
    responses: {
      201: json('The booking', BookingWire),
      ...refusals(travelloArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'conflict', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const wish = c.req.valid('json');
    const principal = principalOf(c);
    const heldKey = c.get('heldKey');
    const opening = await bookService(desk, {
      storefront: STOREFRONT,
      ownerSub: principal.sub,
      heldKey,
      asked: wish,
      // Two rooms of one kind are two wishes with the same words: a key tells them apart.
      identity: heldKey ? { kind: 'external', id: heldKey.scope } : { kind: 'body' },
      order: () => orderOf(desk, wish, principal),
      render: ({ stored }) => bookingWire(stored),
      renderUnpaid: bookingWire,
    });
    if (opening.kind === 'slow') throw notReady();
    return c.json(BookingWire.parse(opening.body), 201);
  });
}

function addRead(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/api/bookings/{booking_id}/',
    tags: TAGS,
    summary: 'One booking',
    description: 'For the owner and the back office.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
    request: { params: BookingId },
    responses: {
      200: json('The booking', BookingWire),
      ...refusals(travelloArea, 'invalid', 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const asked = { bookingId: c.req.valid('param').booking_id, principal: principalOf(c) };
    return c.json(bookingWire(await bookingOf(desk, asked)), 200);
  });
}

const refusalsOfDeeds = refusals(
  travelloArea,
  'not_json',
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'not_ready',
);

function addMarkPaid(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/api/bookings/{booking_id}/mark-paid/',
    tags: TAGS,
    summary: 'Note that the guest paid at the hotel',
    description:
      'For staff. With `force` also a booking that was to be paid online: its session is closed first, and a payment that came through ' +
      'before that counts instead. The guest pays the price in its own currency.',
    security: FOR_STAFF,
    middleware: [desk.auth.require({ storefront: STOREFRONT, roles: STAFF }), desk.idempotent] as const,
    request: {
      params: BookingId,
      body: { ...jsonBody(MarkPaid, { note: 'cash, receipt 4711' }), required: false },
    },
    responses: { 200: json('The booking, paid', BookingWire), ...refusalsOfDeeds },
  });
  router.openapi(route, async (c) => {
    const { booking_id: bookingId } = c.req.valid('param');
    const asked = { bookingId, principal: principalOf(c), heldScope: c.get('heldKey')?.scope };
    return c.json(bookingWire(await markAsPaid(desk, asked, MarkPaid.parse(c.req.valid('json')))), 200);
  });
}

function addCancel(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/api/bookings/{booking_id}/cancel/',
    tags: TAGS,
    summary: 'Cancel a booking',
    description:
      'For staff; again: the same answer. What was paid comes back by the terms of the booking: all of it up to 48 hours before 14:00 of ' +
      '`check_in`; what was paid at the hotel is handed out by staff.',
    security: FOR_STAFF,
    middleware: [desk.auth.require({ storefront: STOREFRONT, roles: STAFF }), desk.idempotent] as const,
    request: { params: BookingId },
    responses: { 200: json('The booking, cancelled', BookingWire), ...refusalsOfDeeds },
  });
  router.openapi(route, async (c) => {
    const asked = { bookingId: c.req.valid('param').booking_id, principal: principalOf(c) };
    return c.json(bookingWire(await cancel(desk, asked)), 200);
  });
}
