// Whether the supplier's price is still the one the customer's was made from.
import { add, parseDecimal, times, zero } from './money.ts';
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

/** Compared exactly: what may be borne is never rounded up. */
export function withinTolerance({ accepted, offered, percent }: PriceMove): boolean {
  const decimal = parseDecimal(percent);
  if (!decimal) throw new RangeError(`not a percentage: ${percent}`);
  const whole = 100n * 10n ** BigInt(decimal.scale);
  const bearable = BigInt(offered.minor) * whole <= BigInt(accepted.minor) * (whole + decimal.digits);
  return accepted.currency === offered.currency && bearable;
}
