// The desk and its wires over a real database and the Klook stand-in; only the workflow is missing.
import { createBareApp } from '../../api/app.ts';
import type { Desk } from '../../api/bookings.ts';
import { nativeArea } from '../../api/errors.ts';
import { nativeBookings } from '../../api/native/bookings.ts';
import { shopPages } from '../../api/pages/shop.tsx';
import { airportArea } from '../../api/storefronts/airport/area.ts';
import { airport } from '../../api/storefronts/airport.ts';
import { cart } from '../../api/storefronts/cart.ts';
import { cartArea } from '../../api/storefronts/cart/area.ts';
import { dreamscapeArea } from '../../api/storefronts/dreamscape/area.ts';
import { dreamscape } from '../../api/storefronts/dreamscape.ts';
import { travello } from '../../api/storefronts/travello.ts';
import { travelloArea } from '../../api/storefronts/travello/area.ts';
import { trektoo } from '../../api/storefronts/trektoo.ts';
import { trektooArea } from '../../api/storefronts/trektoo/area.ts';
import type { Supplier } from '../../domain/supply.ts';
import { startKlook } from '../../sim/klook/server.ts';
import { openBench } from './app-under-test.ts';
import { createFakeDoor } from './fake-door.ts';
import { bearer } from './settings.ts';

/** Whoever asks Stripe beside the workflow gets no answer here. */
const NOWHERE_HTTP = 'http://127.0.0.1:1';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface Call {
  readonly body?: unknown;
  readonly sub?: string;
  readonly role?: string;
  readonly storefront?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly token?: null;
  /** Which of several API processes is asked. */
  readonly process?: number;
}

export async function openShop(environment: Record<string, string> = {}, clock = () => new Date()) {
  const klook = await startKlook();
  const bench = await openBench({
    KLOOK_API_BASE: klook.url,
    RATE_LIMIT_CREATES: '100000',
    STRIPE_API_BASE: NOWHERE_HTTP,
    CHIP_API_BASE: `${NOWHERE_HTTP}/api/v1`,
    ...environment,
  });
  const door = createFakeDoor(bench.database);
  const asked: string[] = [];
  const suppliers = { klook: listenedTo(bench.deps.suppliers.klook, asked) };
  const desk = (): Desk => ({ ...bench.deps, suppliers, door, clock, opening: new Map() });
  // As many as an operator may run side by side: nothing is shared between them but the database.
  const apps = Array.from({ length: 8 }, () => {
    const own = desk();
    const bare = createBareApp(bench.deps, [
      nativeArea,
      trektooArea,
      cartArea,
      dreamscapeArea,
      travelloArea,
      airportArea,
    ]);
    return bare
      .route('/', trektoo(bench.deps, own))
      .route('/', shopPages(bench.deps, { desk: own }))
      .route('/', cart(bench.deps, own))
      .route('/', dreamscape(bench.deps, own))
      .route('/', travello(bench.deps, own))
      .route('/', airport(bench.deps, own))
      .route('/', nativeBookings(bench.deps, own));
  });

  const request = async (method: string, path: string, call: Call = {}): Promise<Response> => {
    const { sub = 'alice', role = 'customer', storefront } = call;
    const auth: Record<string, string> =
      call.token === null ? {} : await bearer({ sub, role, ...(storefront && { storefront }) });
    const content: Record<string, string> = call.body === undefined ? {} : { 'Content-Type': 'application/json' };
    const body = typeof call.body === 'string' || call.body === undefined ? call.body : JSON.stringify(call.body);
    const app = apps[(call.process ?? 0) % apps.length];
    if (!app) throw new Error('no app');
    return app.request(path, {
      method,
      headers: { ...auth, ...content, ...call.headers },
      ...(body === undefined ? {} : { body }),
    });
  };
  const send = async (method: string, path: string, call: Call = {}): Promise<Answer> => {
    const response = await request(method, path, call);
    const body: unknown = await response.json();
    return { status: response.status, headers: response.headers, body: recordIn(body) };
  };
  const tellKlook = (path: string, body: unknown) =>
    fetch(`${klook.url}/_sim/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    });

  return {
    ...bench,
    klook,
    door,
    /** What was asked of Klook, in order. */
    asked,
    request,
    send,
    tellKlook,
    db: bench.database.db,
    close: async () => {
      await bench.close();
      await klook.close();
    },
  };
}

function listenedTo(supplier: Supplier, asked: string[]): Supplier {
  return new Proxy(supplier, {
    get: (target, name, receiver) => {
      if (name !== 'name') asked.push(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

function recordIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('the answer is no object');
  return Object.fromEntries(Object.entries(value));
}

export const dataOf = ({ body }: Answer): Record<string, unknown> => recordIn(body['data']);
