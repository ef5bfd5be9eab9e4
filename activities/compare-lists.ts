// What gateways and suppliers list of ours: something there that our books do not have.
import { loadBooking } from '../db/bookings.ts';
import { knownOrderRefs } from '../db/books.ts';
import type { Queryable } from '../db/client.ts';
import type { Booking } from '../domain/booking.ts';
import type { Finding } from '../domain/findings.ts';
import { isBesideUs, judgeListedPayment, judgeListedRefund } from '../domain/judge-payment.ts';
import { judgeListedOrder } from '../domain/judge-supply.ts';
import type { Gateway, Page } from '../domain/payment.ts';
import type { Supplier } from '../domain/supply.ts';
import { isUnanswered } from './compare-booking.ts';
import type { ComparingDeps } from './compare-booking.ts';

export interface Listed {
  readonly findings: readonly Finding[];
  readonly unread: number;
  /** Bookings with which something happened beside us. */
  readonly touched: ReadonlySet<string>;
}

export async function compareLists(deps: ComparingDeps, since: Date): Promise<Listed> {
  const touched = new Set<string>();
  const parts = [
    ...Object.values(deps.gateways).flatMap((gateway) => [
      () => listedPayments(deps, gateway, since),
      () => listedRefunds(deps, gateway, { since, touched }),
    ]),
    ...Object.values(deps.suppliers).map((supplier) => () => listedOrders(deps, supplier, since)),
  ];
  const findings: Finding[] = [];
  let unread = 0;
  for (const part of parts) {
    try {
      for await (const some of part()) findings.push(...some);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      unread += 1;
    }
  }
  return { findings, unread, touched };
}

async function* listedPayments({ db }: ComparingDeps, gateway: Gateway, since: Date) {
  const books = keptOpen(db);
  for await (const listed of entries((after) => gateway.listPayments?.({ since, after })))
    yield judgeListedPayment({ listed, booking: await books(listed.bookingId) });
}

async function* listedRefunds(
  { db }: ComparingDeps,
  gateway: Gateway,
  { since, touched }: { since: Date; touched: Set<string> },
) {
  const books = keptOpen(db);
  for await (const listed of entries((after) => gateway.listRefunds?.({ since, after }))) {
    const seen = { listed, booking: await books(listed.bookingId) };
    if (isBesideUs(seen)) touched.add(listed.bookingId);
    yield judgeListedRefund(seen);
  }
}

async function* entries<T>(read: (after: string | null) => Promise<Page<T>> | undefined): AsyncGenerator<T> {
  for (let after: string | null = null; ;) {
    const page: Page<T> | undefined = await read(after);
    yield* page?.items ?? [];
    if (!page?.next) return;
    after = page.next;
  }
}

/** Neighbours in a list are often of the same booking. */
function keptOpen(db: Queryable) {
  let last: { readonly id: string; readonly booking: Booking | null } | undefined;
  return async (id: string): Promise<Booking | null> => {
    if (last?.id !== id) last = { id, booking: (await loadBooking(db, id))?.booking ?? null };
    return last.booking;
  };
}

/** Whatever we order is written down before it is asked for. */
async function* listedOrders({ db }: ComparingDeps, supplier: Supplier, since: Date) {
  const seen = new Set<string>();
  for (let page = 1; ; page += 1) {
    const listed = await supplier.list?.(since, page);
    if (!listed || 'kind' in listed) return;
    const fresh = listed.orders.filter(({ orderNo }) => !seen.has(orderNo));
    const known = await knownOrderRefs(
      db,
      fresh.map(({ ourRef }) => ourRef),
    );
    for (const fact of fresh) {
      seen.add(fact.orderNo);
      if (!known.has(fact.ourRef)) yield judgeListedOrder(fact);
    }
    // One that pages nothing, or gives its last page again and again, never says that it is the last.
    if (listed.isLast || fresh.length === 0) return;
  }
}
