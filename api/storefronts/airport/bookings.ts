// What can be booked, and booking it: priced by the server, passengers times price.
import { createRoute, z } from '@hono/zod-openapi';
import { formatUtcDay } from '../../../domain/display.ts';
import { times } from '../../../domain/money.ts';
import { NON_REFUNDABLE } from '../../../domain/refund-policy.ts';
import {
  BEARER,
  bookingByReference,
  bookService,
  contactOf,
  json,
  jsonBody,
  notReady,
  principalOf,
  refusals,
} from '../../bookings.ts';
import type { Desk, Principal, Router, ServiceOrder } from '../../bookings.ts';
import { VisibleError } from '../../errors.ts';
import { airportArea } from './area.ts';
import { SERVICES } from './services.ts';
import { bookingWire, BookingWire, envelope, majorOf, NewBooking, Service, wrapped } from './wire.ts';

const STOREFRONT = 'airport';
const TAGS = [STOREFRONT];
const Booked = envelope(BookingWire);

export function addBookings(router: Router, desk: Desk): void {
  router.openapi(services, (c) => {
    const items = SERVICES.map(({ code, name, price }) => ({
      code,
      name,
      price: majorOf(price),
      currency: price.currency,
    }));
    return c.json(wrapped(items), 200);
  });
  addBook(router, desk);
  addRead(router, desk);
}

const services = createRoute({
  method: 'get',
  path: '/services',
  tags: TAGS,
  summary: 'What can be booked',
  responses: { 200: json('The services', envelope(z.array(Service))) },
});

const EXAMPLE = { service: 'meet_assist', flight: 'HF 714', date: '2099-05-04', passengers: 3 };

function addBook(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'post',
    path: '/bookings',
    tags: TAGS,
    summary: 'Book a service',
    description: 'The price is the server’s. The same body gives the same booking for as long as it can be paid.',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT }), desk.limitCreates, desk.idempotent] as const,
    request: { body: jsonBody(NewBooking, EXAMPLE) },
    responses: {
      201: json('The booking', Booked),
      ...refusals(airportArea, 'not_json', 'invalid', 'unauthenticated', 'forbidden', 'conflict', 'not_ready'),
    },
  });
  router.openapi(route, async (c) => {
    const wish = c.req.valid('json');
    const principal = principalOf(c);
    const opening = await bookService(desk, {
      storefront: STOREFRONT,
      ownerSub: principal.sub,
      heldKey: c.get('heldKey'),
      asked: wish,
      identity: { kind: 'body' },
      order: async () => orderOf(desk, wish, principal),
      render: ({ stored }) => wrapped(bookingWire(stored)),
      renderUnpaid: (stored) => wrapped(bookingWire(stored)),
    });
    if (opening.kind === 'slow') throw notReady();
    return c.json(Booked.parse(opening.body), 201);
  });
}

type Wish = z.output<typeof NewBooking>;

function orderOf(desk: Desk, wish: Wish, principal: Principal): ServiceOrder {
  const service = SERVICES.find(({ code }) => code === wish.service);
  if (!service) throw invalid('service', 'There is no such service.');
  // Where the airport is nobody said: the day has begun somewhere for half a day before it does in UTC.
  const begins = new Date(`${wish.date}T00:00:00Z`);
  if (begins.getTime() + DAY_MS <= desk.clock().getTime()) throw invalid('date', 'must not lie in the past');
  const { code, name, price } = service;
  return {
    product: {
      name,
      option: wish.flight,
      when: { local: wish.date, zone: 'UTC' },
      items: [{ name: 'Passenger', count: wish.passengers, unit: price }],
      details: [
        { label: 'Service', value: name },
        { label: 'Flight', value: wish.flight },
        { label: 'Date', value: formatUtcDay(begins.toISOString()) },
        { label: 'Passengers', value: String(wish.passengers) },
      ],
      refundPolicy: NON_REFUNDABLE,
      gateway: 'stripe_intent',
      payWhen: 'later',
      refs: { service: code, flight: wish.flight },
    },
    charge: times(price, wish.passengers),
    externalId: null,
    serviceAt: begins,
    travellers: contactOf(principal),
  };
}

const DAY_MS = 86_400_000;

const invalid = (field: string, words: string): VisibleError =>
  new VisibleError('invalid', 'The request is not valid.', { fields: { [field]: [words] } });

function addRead(router: Router, desk: Desk): void {
  const route = createRoute({
    method: 'get',
    path: '/bookings/{id}',
    tags: TAGS,
    summary: 'One booking',
    security: BEARER,
    middleware: [desk.auth.require({ storefront: STOREFRONT })] as const,
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: {
      200: json('The booking', Booked),
      ...refusals(airportArea, 'unauthenticated', 'forbidden', 'not_found'),
    },
  });
  router.openapi(route, async (c) => {
    const reference = { storefront: STOREFRONT, text: c.req.valid('param').id } as const;
    return c.json(wrapped(bookingWire(await bookingByReference(desk, reference, principalOf(c)))), 200);
  });
}
