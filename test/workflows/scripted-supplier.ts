// A supplier in memory: its ledger of debits is what "exactly one purchase" is measured against.
import type { Money } from '../../domain/money.ts';
import { money, subtract } from '../../domain/money.ts';
import { netOf } from '../../domain/pricing.ts';
import type {
  CancelFact,
  Placed,
  Supplier,
  SupplyFact,
  SupplyOrder,
  SupplyPaid,
  SupplyStatus,
} from '../../domain/supply.ts';
import { SupplierUnreachable } from '../../domain/supply.ts';

interface Order {
  readonly orderNo: string;
  readonly request: SupplyOrder;
  status: SupplyStatus;
  paid: boolean;
  vouchersReady: boolean;
  cancellation: CancelFact;
  /** What the order says of its end when nobody had asked to cancel it. */
  endedWith: CancelFact | null;
}

/** `expired`: the order ran out of time before the call came. `dearer`: the answer names the price as it is now. */
export type SupplierMood = 'lost_after' | 'lost_before' | 'sold_out' | 'price_changed' | 'dearer' | 'expired';

export interface SupplierScript {
  /** How an order stands once it is paid. */
  afterPay: SupplyStatus;
  vouchersReady: boolean;
  balanceMinor: number;
  payBy: string | null;
  available: boolean;
  unitMinor: number;
  cancel: 'approves' | 'refuses' | 'lost';
  /** Does not answer at all. */
  away: boolean;
  /** Knows no order for a while, though they stand. */
  hides: boolean;
}

/** `tag` keeps the order numbers of scenes that share a database apart; a story calls its orders KLK1, KLK2 …. */
export function scriptedSupplier(clock: () => Date, tag: string) {
  const numberOf = (name: string): string => (name.endsWith(tag) ? name : `${name}_${tag}`);
  const orders = new Map<string, Order>();
  const debits: Money[] = [];
  const credits: Money[] = [];
  const moods: Record<'place' | 'pay', SupplierMood[]> = { place: [], pay: [] };
  /** Orders and the look-ups between them, each with its moment. */
  const calls: { readonly call: 'place' | 'find'; readonly atMs: number }[] = [];
  const script: SupplierScript = {
    afterPay: 'confirmed',
    vouchersReady: true,
    balanceMinor: 1_000_000,
    payBy: null,
    available: true,
    unitMinor: 5_000,
    cancel: 'approves',
    away: false,
    hides: false,
  };
  /** What happens at the supplier in the very moment before an order arrives, or after an answer was lost. */
  const stage: { beforePlace?: () => void; afterLoss?: () => void } = {};
  const lost = (): SupplierUnreachable => new SupplierUnreachable('the answer was lost');
  const priceOf = (request: Pick<SupplyOrder, 'items'>): Money =>
    netOf(request.items.map(({ count, unitNet }) => ({ count, unitNet: money(script.unitMinor, unitNet.currency) })));

  function place(request: SupplyOrder): Placed {
    const known = [...orders.values()].find((o) => o.request.ourRef === request.ourRef);
    const orderNo = known?.orderNo ?? numberOf(`KLK${orders.size + 1}`);
    if (!known)
      orders.set(orderNo, {
        orderNo,
        request,
        status: 'unpaid',
        paid: false,
        vouchersReady: false,
        cancellation: { kind: 'none' },
        endedWith: null,
      });
    return { kind: 'placed', orderNo, net: priceOf(request), payBy: script.payBy };
  }

  function pay(orderNo: string): SupplyPaid {
    const order = mustFind(orders, orderNo);
    const price = priceOf(order.request);
    if (order.status === 'expired') return { kind: 'expired', message: 'expired' };
    if (price.minor > script.balanceMinor) return { kind: 'insufficient_balance', message: 'top up' };
    // At worst a second call is a second debit: nothing here protects us from ourselves.
    debits.push(price);
    script.balanceMinor -= price.minor;
    // What is rejected comes back to our balance by itself: then nothing of ours is with them.
    const paid = script.afterPay !== 'rejected';
    if (!paid) credits.push(price);
    Object.assign(order, { status: script.afterPay, paid, vouchersReady: script.vouchersReady });
    return { kind: 'paid' };
  }

  function cancel(orderNo: string): CancelFact {
    const order = mustFind(orders, orderNo);
    if (script.cancel === 'lost') throw lost();
    if (script.cancel === 'refuses') return (order.cancellation = { kind: 'refused', message: 'NOT_CANCELLABLE' });
    const price = priceOf(order.request);
    const returned = order.paid ? price : money(0, price.currency);
    if (order.paid) credits.push(returned);
    Object.assign(order, {
      status: 'canceled',
      cancellation: { kind: 'approved', returned, penalty: money(0, price.currency) },
    });
    return order.cancellation;
  }

  async function once<T extends Placed | SupplyPaid>(
    kind: keyof typeof moods,
    effect: () => T,
  ): Promise<T | Placed | SupplyPaid> {
    const mood = script.away ? 'lost_before' : moods[kind].shift();
    if (mood === 'lost_before') throw lost();
    if (mood === 'sold_out') return { kind: 'sold_out', message: 'sold out' };
    if (mood === 'price_changed') return { kind: 'price_changed', newNet: null, newUnitNets: [], message: 'dearer' };
    if (mood === 'dearer') return dearer();
    if (mood === 'expired') for (const order of orders.values()) order.status = 'expired';
    const result = effect();
    if (mood !== 'lost_after') return result;
    stage.afterLoss?.();
    throw lost();
  }

  /** Names the price that `script.unitMinor` was set to since the check. */
  function dearer(): Placed {
    const unitNet = money(script.unitMinor, 'USD');
    return {
      kind: 'price_changed',
      newNet: money(script.unitMinor * 2, 'USD'),
      newUnitNets: [{ skuId: '3001', unitNet }],
      message: 'dearer',
    };
  }

  async function asked<T>(answer: () => T): Promise<T> {
    if (script.away) throw lost();
    return answer();
  }

  const supplier: Supplier = {
    name: 'klook',
    check: (request) =>
      asked(() => {
        if (!script.available) return { kind: 'sold_out', message: 'sold out' };
        const unit = (currency: string): Money => money(script.unitMinor, currency);
        const items = request.items.map(({ skuId, unitNet }) => ({
          skuId,
          unitNet: unit(unitNet.currency),
          available: true,
          inventory: 9,
        }));
        return { kind: 'available', net: priceOf(request), items };
      }),
    // Every mood answers in the words of the call it was asked in.
    place: (request) => {
      calls.push({ call: 'place', atMs: clock().getTime() });
      stage.beforePlace?.();
      return once('place', () => place(request)) as Promise<Placed>;
    },
    pay: (orderNo) => once('pay', () => pay(orderNo)) as Promise<SupplyPaid>,
    look: (orderNo) => asked(() => factAbout(script.hides ? undefined : orders.get(orderNo))),
    find: (ourRef) => {
      calls.push({ call: 'find', atMs: clock().getTime() });
      return asked(() => factAbout([...orders.values()].find((o) => o.request.ourRef === ourRef)));
    },
    cancel: (orderNo) => asked(() => (script.hides ? { kind: 'none' } : cancel(orderNo))),
    lookCancel: (orderNo) =>
      asked(() => (script.hides ? undefined : orders.get(orderNo)?.cancellation) ?? { kind: 'none' }),
    terms: async () => ({ kind: 'absent' }),
    balance: async () => money(script.balanceMinor, 'USD'),
  };

  const factAbout = (order: Order | undefined): SupplyFact | { kind: 'absent' } =>
    order ? factOf(order, priceOf(order.request), script.payBy) : { kind: 'absent' };

  return Object.assign(stage, {
    supplier,
    orders,
    debits,
    credits,
    calls,
    moods,
    script,
    /** The customer's frontend ordered before it came to us. */
    orderElsewhere: (status: SupplyStatus): string => {
      const placed = place({ ...ORDERED_ELSEWHERE, ourRef: `elsewhere-${tag}` });
      if (placed.kind !== 'placed') throw new Error('not placed');
      mustFind(orders, placed.orderNo).status = status;
      return placed.orderNo;
    },
    /** The supplier decides about a paid order later than at once; what it takes back it credits. */
    decide: (name: string, status: SupplyStatus) => {
      const order = mustFind(orders, numberOf(name));
      if (order.paid && status !== 'confirmed') credits.push(priceOf(order.request));
      Object.assign(order, { status, vouchersReady: script.vouchersReady });
    },
    /** The supplier itself ends a paid order, and keeps a fee. */
    endAtAFee: (name: string, status: SupplyStatus, feeMinor: number) => {
      const order = mustFind(orders, numberOf(name));
      const price = priceOf(order.request);
      const penalty = money(feeMinor, price.currency);
      const returned = subtract(price, penalty);
      credits.push(returned);
      Object.assign(order, { status, paid: false, endedWith: { kind: 'approved', returned, penalty } });
    },
    issueVouchers: (name: string) => void (mustFind(orders, numberOf(name)).vouchersReady = true),
    standing: (name: string): SupplyStatus => mustFind(orders, numberOf(name)).status,
    numberOf,
  });
}

const ORDERED_ELSEWHERE: SupplyOrder = {
  ourRef: 'elsewhere',
  packageId: '2001',
  startTime: '2026-12-01 10:00:00',
  items: [{ skuId: '3001', count: 2, unitNet: money(5_000, 'USD') }],
  contact: { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44', country: 'GB' },
  bookingExtra: [],
  unitExtra: [],
};

function mustFind(orders: ReadonlyMap<string, Order>, orderNo: string): Order {
  const order = orders.get(orderNo);
  if (!order) throw new Error(`no order ${orderNo}`);
  return order;
}

function factOf(order: Order, net: Money, payBy: string | null): SupplyFact {
  const { orderNo, request, status, paid, vouchersReady } = order;
  const bookingRef = `${orderNo}-1`;
  return {
    orderNo,
    ourRef: request.ourRef,
    status,
    wireStatus: status,
    paid,
    refunded: status === 'rejected' && !paid,
    net,
    payBy,
    packageId: request.packageId,
    startTime: request.startTime,
    items: request.items.map(({ skuId, count }) => ({ skuId, count })),
    lines: [
      {
        activityName: 'Peak Tram',
        packageName: 'Return',
        bookingRef,
        operatorContacts: ['+852 1234'],
      },
    ],
    vouchersReady: status === 'confirmed' && vouchersReady,
    vouchers: vouchersReady ? [{ code: `V-${orderNo}`, description: 'Adult', bookingRef, url: null }] : [],
    cancellation: order.endedWith ?? order.cancellation,
  };
}
