import { expect, it } from 'vitest';
import { compareLists } from '../../activities/compare-lists.ts';
import type { ComparingDeps } from '../../activities/compare-booking.ts';
import { money } from '../../domain/money.ts';
import type { Supplier, SupplyFact } from '../../domain/supply.ts';

const PAGE = 100;
const paidOrders = Array.from({ length: PAGE + 5 }, (_, n) => paidOrder(`KL${n}`));

function paidOrder(orderNo: string): SupplyFact {
  return {
    orderNo,
    ourRef: `AG-${orderNo}`,
    status: 'confirmed',
    wireStatus: 'confirmed',
    paid: true,
    refunded: false,
    net: money(10_100, 'SGD'),
    payBy: null,
    packageId: null,
    startTime: null,
    items: [],
    lines: [],
    vouchersReady: false,
    vouchers: [],
    cancellation: null,
  };
}

/** Books without a single order: all that the lists of a supplier need of a database. */
function depsWith(list: NonNullable<Supplier['list']>): ComparingDeps {
  const db = { select: () => ({ from: () => ({ where: () => Promise.resolve([]) }) }) };
  return { db, gateways: {}, suppliers: { klook: { name: 'klook', list } } } as unknown as ComparingDeps;
}

interface Others {
  readonly total?: number | null;
  /** On the first page, and not to be read. */
  readonly strangers?: readonly string[];
}

async function foundIn(list: (page: number) => readonly SupplyFact[], { total = null, strangers = [] }: Others = {}) {
  let pages = 0;
  const deps = depsWith(async (_, page) => {
    if (++pages > 9) throw new Error('asked for ever');
    const orders = list(page);
    const others = page === 1 ? strangers : [];
    return { orders, entries: [...others, ...orders.map(({ orderNo }) => orderNo)], total };
  });
  const { findings, unread } = await compareLists(deps, new Date('2026-11-21T10:00:00Z'));
  return { orders: findings.map(({ subject }) => subject), unread, pages };
}

const numbers = (orders: readonly SupplyFact[]) => orders.map(({ orderNo }) => orderNo);

it('reads the list of a supplier page by page', async () => {
  const read = await foundIn((page) => paidOrders.slice((page - 1) * PAGE, page * PAGE));
  expect(read).toEqual({ orders: numbers(paidOrders), unread: 0, pages: 3 });
});

it('reads on at a supplier that gives fewer at once than it was asked for', async () => {
  const read = await foundIn((page) => paidOrders.slice((page - 1) * 50, page * 50));
  expect(read).toEqual({ orders: numbers(paidOrders), unread: 0, pages: 4 });
});

it('asks for no page beyond as many as the supplier says there are', async () => {
  const read = await foundIn((page) => paidOrders.slice((page - 1) * 50, page * 50), {
    total: paidOrders.length,
  });
  expect(read).toEqual({ orders: numbers(paidOrders), unread: 0, pages: 3 });
});

it('reads on behind a page of nothing but what others ordered', async () => {
  const read = await foundIn((page) => (page === 2 ? paidOrders.slice(0, 5) : []), {
    strangers: ['{"a":1}', '{"b":2}'],
  });
  expect(read).toEqual({ orders: numbers(paidOrders.slice(0, 5)), unread: 0, pages: 3 });
});

it('stops at a supplier that pages nothing, and tells each order once', async () => {
  expect(await foundIn(() => paidOrders)).toEqual({ orders: numbers(paidOrders), unread: 0, pages: 2 });
});

it('stops at a supplier that gives its last full page again', async () => {
  const read = await foundIn((page) => (page === 1 ? paidOrders.slice(0, PAGE) : paidOrders.slice(5)));
  expect(read).toEqual({ orders: numbers(paidOrders), unread: 0, pages: 3 });
});
