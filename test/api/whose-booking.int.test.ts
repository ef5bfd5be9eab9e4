// Every route there is, asked by whom the booking does not concern.
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../api/app.ts';
import { areaOf, nativeArea } from '../../api/errors.ts';
import { airportArea } from '../../api/storefronts/airport/area.ts';
import { cartArea } from '../../api/storefronts/cart/area.ts';
import { dreamscapeArea } from '../../api/storefronts/dreamscape/area.ts';
import { travelloArea } from '../../api/storefronts/travello/area.ts';
import { trektooArea } from '../../api/storefronts/trektoo/area.ts';
import { BOOKING_EXAMPLE } from '../../api/storefronts/travello/bookings.ts';
import { CUSTOMER_EXAMPLE } from '../../api/storefronts/cart/customer.ts';
import { createIntentExample } from '../../api/storefronts/trektoo/requests.ts';
import { bookings, payments } from '../../db/schema.ts';
import type { Storefront } from '../../domain/booking.ts';
import { describeWith } from '../setup/parts.ts';
import { confirmBooking, payBooking } from './booking-lives.ts';
import { fill, openCart, SEEDED } from './cart-lives.ts';
import { checkOut, payCart } from './checkout-lives.ts';
import { makeBooking, pay } from './dreamscape-lives.ts';
import { dataOf, openShop } from './shop-bench.ts';
import type { Shop } from './shop-bench.ts';
import { AIRPORT_WISH, WHOSE } from './whose-routes.ts';
import type { Asking, Held, Line } from './whose-routes.ts';

const AREAS = [nativeArea, trektooArea, cartArea, dreamscapeArea, travelloArea, airportArea];
const OWNER = 'alice';
const STRANGER = 'mallory';
const BACK_OFFICE = { service: 'voyage', staff: 'sue' } as const;

type LineOf<Kind extends Line['kind']> = Extract<Line, { kind: Kind }>;

function linesOf<Kind extends Line['kind']>(kind: Kind) {
  const isMeant = (line: Line): line is LineOf<Kind> => line.kind === kind;
  return Object.entries(WHOSE).flatMap(([route, line]) => (isMeant(line) ? [{ route, line }] : []));
}

/** Everybody with too little to say, and what each is told. */
const outsiders = ({ role, refusal }: LineOf<'one'>): readonly (readonly [Asker, number])[] => [
  [{ sub: STRANGER, role: 'customer' }, refusal],
  ...(role === 'customer' ? [] : [[{ sub: OWNER, role: 'customer' }, 403] as const]),
  ...(role === 'staff' ? [[{ sub: BACK_OFFICE.service, role: 'service' }, 403] as const] : []),
];

const elsewhereThan = (storefront: Storefront): Storefront => (storefront === 'trektoo' ? 'airport' : 'trektoo');

interface Asker {
  readonly sub: string;
  readonly role: string;
  readonly storefront?: Storefront;
}

describeWith('postgres', 'whose booking it is', () => {
  let shop: Shop;
  let held: Readonly<Partial<Record<Storefront, Held>>>;
  beforeAll(async () => {
    shop = await openShop();
    held = {
      trektoo: await trektooBooking(),
      dreamscape: await dreamscapeBooking(),
      airport: await airportBooking(),
      travello: await travelloBooking(),
      cart: await cartBooking(),
    };
  });
  afterAll(() => shop.close());

  async function trektooBooking(): Promise<Held> {
    const body = { ...createIntentExample(new Date()), agent_order_id: 'AG-WHOSE' };
    const { booking_id: id } = dataOf(await shop.send('POST', '/api/payments/klook/create-intent', { body }));
    await confirmBooking(shop.door, String(id), 'AG-WHOSE');
    return namesOf('trektoo', String(id));
  }

  async function dreamscapeBooking(): Promise<Held> {
    const { id } = await makeBooking(shop);
    await pay(shop, id);
    return namesOf('dreamscape', id);
  }

  async function airportBooking(): Promise<Held> {
    const { id } = dataOf(await shop.send('POST', '/bookings', { body: AIRPORT_WISH }));
    const body = { bookingId: id, amount: 450.99, currency: 'USD' };
    await shop.send('POST', '/payment/create-payment-intent', { body });
    await payBooking(shop.door, String(id), 45_099);
    return namesOf('airport', String(id));
  }

  async function travelloBooking(): Promise<Held> {
    const { body } = await shop.send('POST', '/api/bookings/', { body: BOOKING_EXAMPLE });
    await shop.send('POST', '/api/payments/create-session/', { body: { booking_id: body['id'] } });
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.storefront, 'travello'));
    if (!row) throw new Error('travello has not booked');
    return namesOf('travello', row.id);
  }

  async function cartBooking(): Promise<Held> {
    const alice = { sub: OWNER };
    const { id: cart } = await fill(shop, await openCart(shop, alice), SEEDED);
    await checkOut(shop, { id: cart }, alice);
    const [row] = await shop.db.select().from(bookings).where(eq(bookings.storefront, 'cart'));
    if (!row) throw new Error('the cart has not been checked out');
    await payCart(shop.door, row.id);
    return { ...(await namesOf('cart', row.id)), cart };
  }

  async function namesOf(storefront: Storefront, id: string): Promise<Held> {
    const [row] = await shop.db
      .select({
        externalId: bookings.externalId,
        number: bookings.number,
        owner: bookings.ownerSub,
        intent: payments.ref,
      })
      .from(bookings)
      .innerJoin(payments, eq(payments.bookingId, bookings.id))
      .where(eq(bookings.id, id));
    if (row?.owner !== OWNER || row.intent === null) throw new Error(`${storefront} has no such booking of ${OWNER}`);
    return { storefront, id, externalId: row.externalId, intent: row.intent, number: row.number };
  }

  const all = (): Held[] => Object.values(held);
  const of = (storefront: Storefront | 'all'): Held[] =>
    all().filter((one) => storefront === 'all' || one.storefront === storefront);

  const ask = async (route: string, { path, body, headers = {} }: Asking, asker: Asker) => {
    const [method = ''] = route.split(' ');
    const response = await shop.request(method, path, { ...asker, body, headers });
    // What is streamed to whom it concerns never ends.
    const text = response.ok && path.endsWith('/events') ? '' : await response.text();
    await response.body?.cancel().catch(() => undefined);
    return { status: response.status, text };
  };
  /** Refused in the storefront's own words, in silence, and without any booking being asked for anything. */
  const expectRefusal = async (route: string, { asking, asker }: { asking: Asking; asker: Asker }) => {
    const before = shop.door.heard.length;
    const { status, text } = await ask(route, asking, asker);
    const said = JSON.stringify(asking);
    for (const { id, externalId, intent } of all())
      for (const name of [id, externalId, intent])
        if (!said.includes(name)) expect(text, 'a name that was not asked with').not.toContain(name);
    const shape = areaOf(AREAS, asking.path).schema.safeParse(JSON.parse(text));
    expect(shape.error, `in its storefront's shape: ${text}`).toBeUndefined();
    expect(text).not.toMatch(/_secret_|Mei|Chan|@example/);
    expect(shop.door.heard.slice(before)).toEqual([]);
    return { asker, status };
  };

  it('has a line for every route, and no line too many', async () => {
    const document: unknown = await (await createApp(shop.deps).request('/openapi.json')).json();
    const described = Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
      Object.keys(Object(item)).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const withoutDev = (routes: string[]) => routes.filter((route) => !route.startsWith('POST /dev/')).toSorted();
    expect(withoutDev(described)).toEqual(withoutDev(Object.keys(WHOSE)));
  });

  it.each(linesOf('one'))('$route: nobody but its owner and the back office', async ({ route, line }) => {
    for (const booking of of(line.of)) {
      const asking = line.ask(booking);
      for (const [asker, status] of outsiders(line))
        expect(await expectRefusal(route, { asking, asker })).toEqual({ asker, status });
    }
  });

  it.each(linesOf('one'))('$route: no token for another storefront', async ({ route, line }) => {
    for (const booking of of(line.of)) {
      const sub = line.role === 'customer' ? OWNER : BACK_OFFICE[line.role];
      const asker = { sub, role: line.role, storefront: elsewhereThan(booking.storefront) };
      expect(await expectRefusal(route, { asking: line.ask(booking), asker })).toMatchObject({ status: 403 });
    }
  });

  it.each(linesOf('one').filter(({ line }) => line.of !== 'all'))(
    '$route: no booking of another storefront, not even for its owner or staff',
    async ({ route, line }) => {
      const others = all().filter(({ storefront }) => storefront !== line.of);
      expect(others.length).toBeGreaterThan(1);
      for (const booking of others) {
        const askers = [
          { sub: BACK_OFFICE.staff, role: 'staff' },
          ...(line.role === 'customer' ? [{ sub: OWNER, role: 'customer' }] : []),
        ];
        for (const asker of askers)
          expect(await expectRefusal(route, { asking: line.ask(booking), asker })).toMatchObject({ status: 404 });
      }
    },
  );

  it.each(linesOf('one'))('$route: whom it concerns is let in', async ({ route, line }) => {
    for (const booking of of(line.of)) {
      const sub = line.role === 'customer' ? OWNER : BACK_OFFICE[line.role];
      const { status, text } = await ask(route, line.ask(booking), { sub, role: line.role });
      expect([401, 403], text).not.toContain(status);
      // What is asked for may not be there, but the booking is.
      expect(`${status} ${text}`).not.toMatch(
        /^404.*((booking|payment|cart|order)_not_found|no such (booking|payment|cart|order)\b)/i,
      );
    }
  });

  it.each(linesOf('claim'))('$route: gives nobody what somebody else has', async ({ route, line }) => {
    for (const booking of of(line.of)) {
      const asker = { sub: line.role === 'customer' ? STRANGER : BACK_OFFICE[line.role], role: line.role };
      const { status, text } = await ask(route, line.ask(booking, STRANGER), asker);
      expect(status, text).toBe(line.answer);
      expect(text).not.toContain(booking.id);
      expect(text).not.toContain(booking.intent);
      const elsewhere = { ...asker, storefront: elsewhereThan(line.of) };
      expect((await ask(route, line.ask(booking, STRANGER), elsewhere)).status).toBe(403);
    }
  });

  it.each(linesOf('outline'))(
    '$route: says in full whose it is to its owner and the back office alone',
    async (entry) => {
      const { route, line } = entry;
      const personal = [
        CUSTOMER_EXAMPLE.name,
        CUSTOMER_EXAMPLE.email,
        CUSTOMER_EXAMPLE.phone,
        CUSTOMER_EXAMPLE.street1,
      ];
      const shown = async (asking: Asking, asker: Asker) => {
        const { status, text } = await ask(route, asking, asker);
        expect(status, text).toBe(200);
        return personal.filter((word) => text.includes(word));
      };
      for (const booking of of(line.of)) {
        const asking = line.ask(booking);
        const inBrowser = { ...asking, headers: { ...asking.headers, Cookie: `hf_cart=${booking.cart}` } };
        const stranger = { sub: STRANGER, role: 'customer' };
        expect(await shown(asking, stranger)).toEqual([]);
        expect(await shown(inBrowser, stranger)).toEqual(personal);
        expect(await shown(asking, { sub: OWNER, role: 'customer' })).toEqual(personal);
        expect(await shown(asking, { sub: BACK_OFFICE.staff, role: 'staff' })).toEqual(personal);
        const elsewhere = { sub: OWNER, role: 'customer', storefront: elsewhereThan(line.of) };
        expect(await expectRefusal(route, { asking, asker: elsewhere })).toMatchObject({ status: 403 });
      }
    },
  );

  it.each(linesOf('list'))('$route: shows everybody his own', async ({ route, line }) => {
    for (const booking of all()) {
      const shown = async (asker: Asker) => (await ask(route, line.ask(booking), asker)).text.includes(booking.id);
      expect(await shown({ sub: OWNER, role: 'customer' })).toBe(true);
      expect(await shown({ sub: BACK_OFFICE.staff, role: 'staff' })).toBe(true);
      expect(await shown({ sub: STRANGER, role: 'customer' })).toBe(false);
      const elsewhere = elsewhereThan(booking.storefront);
      expect(await shown({ sub: OWNER, role: 'customer', storefront: elsewhere })).toBe(false);
    }
  });
});
