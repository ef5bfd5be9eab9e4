// Everything one Klook stand-in holds.
import { Agenda } from '../agenda.ts';
import { FaultBook, HTTP_FAULTS } from '../faults.ts';
import { Store } from '../store.ts';
import type { Index, Table } from '../table.ts';
import { packages, skus } from './catalogue.ts';
import type { Package, Sku } from './catalogue.ts';
import type { Sentinel } from './sentinels.ts';

export const BALANCE_CURRENCY = 'USD';

/** Choices where nobody outside Klook knows what Klook does. */
export const settingWords = {
  duplicate: ['same', 'conflict', 'second'],
  repay: ['conflict', 'same', 'debit'],
  lookup: ['both', 'order', 'list', 'none'],
  availability: ['error', 'flag'],
  cancel: ['approve', 'refuse', 'process'],
} as const;

export type Settings = {
  /** The same agent_order_id again: the same order, 409, or a second order. */
  duplicate: (typeof settingWords.duplicate)[number];
  /** Paying a paid order: 409, the same answer, or a second debit. */
  repay: (typeof settingWords.repay)[number];
  /** Which ways of finding an order by our own number exist. */
  lookup: (typeof settingWords.lookup)[number];
  /** What is not available: an error, or 200 with `available: false`. */
  availability: (typeof settingWords.availability)[number];
  /** What becomes of cancel requests; `process` leaves them open. */
  cancel: (typeof settingWords.cancel)[number];
  pendingMs: number;
  voucherMs: number;
  payByMs: number;
  unreadableMs: number;
  cancelMs: number;
};

const defaultSettings: Settings = {
  duplicate: 'same',
  repay: 'conflict',
  lookup: 'both',
  availability: 'error',
  cancel: 'approve',
  pendingMs: 1_500,
  voucherMs: 300,
  payByMs: 30 * 60_000,
  unreadableMs: 0,
  cancelMs: 300,
};

export type Contact = Record<'country' | 'email' | 'first_name' | 'family_name' | 'mobile', string>;

export type Item = {
  packageId: string;
  /** Local to the package's zone, as the caller wrote it. */
  startTime: string;
  startsAt: number;
  skus: { skuId: string; count: number; priceMinor: number }[];
  bookingInfo: unknown[];
  unitInfo: unknown[];
};

export type CancelRequest = {
  id: string;
  reasonId: number;
  status: 'processing' | 'approved' | 'refused';
  appliedAt: number;
  decidedAt: number | null;
  refundMinor: number;
  feeMinor: number;
};

export type Order = {
  id: string;
  agentOrderId: string;
  /** Of the body, to tell a repetition from a second use of the number. */
  hash: string;
  status: 'unpaid' | 'pending' | 'confirmed' | 'rejected' | 'expired' | 'canceled';
  transaction: 'unpaid' | 'paid' | 'refunded';
  createdAt: number;
  payBy: number;
  paidAt: number | null;
  confirmedAt: number | null;
  voucherAt: number | null;
  totalMinor: number;
  currency: string;
  /** What the balance was debited with at the first payment. */
  debitedMinor: number;
  contact: Contact;
  items: Item[];
  sentinel: Sentinel | null;
  cancel: CancelRequest | null;
};

export type LedgerLine = {
  id: string;
  at: string;
  type: 'opening' | 'set' | 'topup' | 'debit' | 'credit';
  amountMinor: number;
  balanceMinor: number;
  order: string | null;
  note: string;
};

/** Seats of one SKU at one start. */
export type Slot = { id: string; held: number; sold: number };

export type World = {
  store: Store;
  settings: Settings;
  faults: FaultBook;
  agenda: Agenda;
  packages: Table<Package>;
  skus: Table<Sku>;
  skusByPackage: Index<Sku>;
  slots: Table<Slot>;
  orders: Table<Order>;
  ordersByAgentId: Index<Order>;
  ledger: Table<LedgerLine>;
  balanceMinor: number;
  /** Sentinels that work once per agent_order_id. */
  usedOnce: Set<string>;
  url: string;
};

export function createWorld(options: {
  file?: string | undefined;
  settings?: Partial<Settings> | undefined;
  tasks: (world: World) => Record<string, (ref: string) => void>;
}): World {
  const store = new Store(options.file);
  const tasks: Record<string, (ref: string) => void> = {};
  const skuTable = store.table<Sku>('skus');
  const orders = store.table<Order>('orders');
  const ledger = store.table<LedgerLine>('ledger');
  const world: World = {
    store,
    settings: { ...defaultSettings, ...options.settings },
    faults: new FaultBook(HTTP_FAULTS),
    agenda: new Agenda(store.table('jobs'), tasks),
    packages: store.table('packages'),
    skus: skuTable,
    skusByPackage: skuTable.index((sku) => sku.packageId),
    slots: store.table('slots'),
    orders,
    ordersByAgentId: orders.index((order) => order.agentOrderId),
    ledger,
    balanceMinor: 0,
    usedOnce: new Set(),
    url: '',
  };
  Object.assign(tasks, options.tasks(world));
  for (const line of ledger.newest()) {
    world.balanceMinor = line.balanceMinor;
    break;
  }
  return world;
}

/** Fills what a fresh or emptied stand-in starts with, and leaves a kept one alone. */
export function stock(world: World): void {
  for (const each of packages) if (!world.packages.get(each.id)) world.packages.put(each);
  for (const each of skus) if (!world.skus.get(each.id)) world.skus.put(each);
}
