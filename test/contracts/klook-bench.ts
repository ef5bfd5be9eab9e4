// Klook's stand-in behind the contract suite.
import { createKlook } from '../../adapters/suppliers/klook.ts';
import { formatMajor, money } from '../../domain/money.ts';
import type { SupplyOrder } from '../../domain/supply.ts';
import { startKlook } from '../../sim/klook/server.ts';
import type { Product, SupplierBench } from './supplier-bench.ts';

const PRODUCTS: Readonly<Record<Product, { packageId: string; skuId: string; priceMinor: number }>> = {
  instant: { packageId: '2001', skuId: '3001', priceMinor: 4_250 },
  'on request': { packageId: '2002', skuId: '3003', priceMinor: 18_000 },
  'turned down': { packageId: '2004', skuId: '3005', priceMinor: 3_800 },
  'sold out': { packageId: '2003', skuId: '3004', priceMinor: 6_500 },
  withdrawn: { packageId: '2001', skuId: '3009', priceMinor: 3_500 },
  'not refundable': { packageId: '2005', skuId: '3006', priceMinor: 1_800 },
};

const ACTIVITIES: Readonly<Record<Product, string>> = {
  instant: '1001',
  'on request': '1001',
  'turned down': '1002',
  'sold out': '1002',
  withdrawn: '1001',
  'not refundable': '1003',
};

const DUPLICATE = { 'as the same order': 'same', 'with a refusal': 'conflict' };
const REPAY = { 'as the same payment': 'same', 'with a refusal': 'conflict' };
const LOOKUP = { both: 'both', 'direct only': 'order', 'list only': 'list', none: 'none' };
const SHORTAGE = { 'as an error': 'error', 'in the answer': 'flag' };
const CALLS = { place: 'POST /v3/orders$', pay: 'POST /v3/pay/balance/' };

export async function startKlookBench(): Promise<SupplierBench> {
  const sim = await startKlook();
  const tell = (path: string, body: unknown) => post(`${sim.url}/_sim/${path}`, body);
  const settings = (change: object) => tell('settings', change);
  return {
    supplier: createKlook({ apiKey: 'contract', apiBase: sim.url, timeoutMs: 5_000 }),
    reset: async () => {
      await tell('reset', {});
      await settings({ pendingMs: 60, voucherMs: 60, cancelMs: 60 });
    },
    orderOf,
    placeOf: (product) => ({ activityId: ACTIVITIES[product], packageId: PRODUCTS[product].packageId }),
    loseAnswer: (call) => tell('faults', { match: CALLS[call], kind: 'drop_after', times: 1 }),
    goDown: () => tell('faults', { match: '.*', kind: 'status', status: 503, headers: { 'retry-after': '2' } }),
    refuseOurKey: () => tell('faults', { match: '.*', kind: 'status', status: 401 }),
    takeRepeats: (how) => settings({ duplicate: DUPLICATE[how] }),
    takeRepayments: (how) => settings({ repay: REPAY[how] }),
    offerLookUps: (which) => settings({ lookup: LOOKUP[which] }),
    tellShortage: (how) => settings({ availability: SHORTAGE[how] }),
    refuseCancellations: () => settings({ cancel: 'refuse' }),
    setBalance: (amount) => tell('balance', { set: formatMajor(amount) }),
    changePrice: (order, to) => tell('catalog', { sku_id: skuOf(order), price: formatMajor(to) }),
    sellOut: (order) => tell('catalog', { sku_id: skuOf(order), stock: 0 }),
    limitPayment: (ms) => settings({ payByMs: ms }),
    hideNewOrders: (ms) => settings({ unreadableMs: ms }),
    counts: () => ({
      orders: sim.state.orders.size,
      debits: sim.state.ledger.values().filter(({ type }) => type === 'debit').length,
    }),
    stop: () => sim.close(),
  };
}

let placed = 0;

function orderOf(product: Product): SupplyOrder {
  const { packageId, skuId, priceMinor } = PRODUCTS[product];
  placed += 1;
  return {
    ourRef: `AG-${placed}`,
    packageId,
    startTime: `${new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)} 10:00:00`,
    items: [{ skuId, count: 2, unitNet: money(priceMinor, 'USD') }],
    contact: { firstName: 'Mei', familyName: 'Lin', email: 'mei@example.com', mobile: '+65 1', country: 'SG' },
    bookingExtra: [],
    unitExtra: [],
  };
}

function skuOf({ items: [item] }: SupplyOrder): string | undefined {
  return item?.skuId;
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}
