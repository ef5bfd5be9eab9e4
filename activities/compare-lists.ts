// What gateways and suppliers list of ours: something there that our books do not have.
import { knownOrderRefs, namesHere } from '../db/books.ts';
import type { Queryable } from '../db/client.ts';
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
  const before = new Set<string | null>();
  for await (const page of pages((after) => gateway.listPayments?.({ since, after }))) {
    const taken = page.filter((listed) => listed.taken.minor > 0);
    const here = await namesOf(db, taken);
    for (const listed of taken) {
      const booking = here.get(listed.bookingId) ?? null;
      yield judgeListedPayment({ listed, booking, isSecond: before.has(listed.paymentId) });
      before.add(listed.paymentId);
    }
  }
}

async function* listedRefunds(
  { db }: ComparingDeps,
  gateway: Gateway,
  { since, touched }: { since: Date; touched: Set<string> },
) {
  for await (const page of pages((after) => gateway.listRefunds?.({ since, after }))) {
    const here = await namesOf(db, page);
    for (const listed of page) {
      const seen = { listed, booking: here.get(listed.bookingId) ?? null };
      if (isBesideUs(seen)) touched.add(listed.bookingId);
      yield judgeListedRefund(seen);
    }
  }
}

/** Of a whole page at once: lists are long. */
const namesOf = (db: Queryable, page: readonly { readonly bookingId: string }[]) =>
  namesHere(db, [...new Set(page.map(({ bookingId }) => bookingId))]);

async function* pages<T>(read: (after: string | null) => Promise<Page<T>> | undefined): AsyncGenerator<readonly T[]> {
  for (let after: string | null = null; ;) {
    const page: Page<T> | undefined = await read(after);
    yield page?.items ?? [];
    if (!page?.next) return;
    after = page.next;
  }
}

/** Whatever we order is written down before it is asked for. */
async function* listedOrders({ db }: ComparingDeps, supplier: Supplier, since: Date) {
  const [seen, entries] = [new Set<string>(), new Set<string>()];
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
    const before = entries.size;
    for (const entry of listed.entries) entries.add(entry);
    // How many it gives at once is its own affair; one that pages nothing gives the same page again and again.
    if (entries.size === before || (listed.total !== null && entries.size >= listed.total)) return;
  }
}
