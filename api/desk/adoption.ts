// A supplier order that the customer's frontend made before it came to us: ours only if it is exactly what was asked for.
import { equals, parseMajor } from '../../domain/money.ts';
import { netOf } from '../../domain/pricing.ts';
import type { SupplyFact } from '../../domain/supply.ts';
import { VisibleError } from '../errors.ts';
import type { ActivityOrder, Offer } from './activity-order.ts';

/** What the supplier does not tell cannot be equal, so it is refused. */
export function adoptable(fact: SupplyFact, order: ActivityOrder): Offer | undefined {
  const lines = pricedLines(order, fact.net.currency);
  const same =
    fact.status === 'unpaid' &&
    !fact.paid &&
    fact.packageId === order.packageId &&
    fact.startTime === order.startTime &&
    fact.ourRef !== '' &&
    (order.agentOrderId === null || order.agentOrderId === fact.ourRef) &&
    countsOf(fact.items) === countsOf(order.items) &&
    lines !== undefined &&
    equals(netOf(lines), fact.net);
  if (!same) return undefined;
  const payBy = fact.payBy === null ? null : new Date(fact.payBy);
  return { net: fact.net, lines, orderNo: fact.orderNo, ourRef: fact.ourRef, payBy };
}

export const notAdoptable = (): VisibleError =>
  new VisibleError('conflict', 'This order cannot be taken over.', { code: 'order_not_adoptable' });

function pricedLines({ items }: ActivityOrder, currency: string): Offer['lines'] | undefined {
  const lines = items.flatMap((item) => {
    const unitNet = parseMajor(item.price, currency);
    return unitNet ? [{ ...item, unitNet }] : [];
  });
  return lines.length === items.length ? lines : undefined;
}

const countsOf = (items: readonly { skuId: string; count: number }[]): string =>
  items
    .map(({ skuId, count }) => `${skuId}×${count}`)
    .toSorted()
    .join();
