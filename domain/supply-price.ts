// Whether the supplier's price is still the one the customer's was made from.
import { add, money, percentOf, times, zero } from './money.ts';
import type { Money } from './money.ts';
import type { SupplyRequest } from './supply.ts';

export function netOf(request: Pick<SupplyRequest, 'items'>): Money {
  const [first] = request.items;
  if (!first) throw new RangeError('an order has at least one line');
  return request.items.reduce((sum, item) => add(sum, times(item.unitNet, item.count)), zero(first.unitNet.currency));
}

export interface PriceMove {
  readonly accepted: Money;
  readonly offered: Money;
  /** How much dearer it may become, in percent; cheaper is always welcome. */
  readonly percent: string;
}

export function withinTolerance({ accepted, offered, percent }: PriceMove): boolean {
  if (accepted.currency !== offered.currency) return false;
  const most = money(accepted.minor + percentOf(accepted, percent).minor, accepted.currency);
  return offered.minor <= most.minor;
}
