// Money between the supplier and us: whether its price still stands, and what an order that is over has cost.
import { money, parseDecimal, subtract } from './money.ts';
import type { Money } from './money.ts';
import type { CancelFact } from './supply.ts';

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

export interface OrderEnding {
  readonly returned: Money;
  readonly penalty: Money;
}

/** All of it comes back but what the supplier itself says it keeps. */
export function endingOf(paid: Money, cancellation: CancelFact | null): OrderEnding {
  const told = paid.minor > 0 && cancellation?.kind === 'approved' ? cancellation.returned : paid;
  if (told.currency !== paid.currency)
    throw new RangeError(`${paid.currency} was paid, but ${told.currency} is said to come back`);
  const returned = money(Math.min(told.minor, paid.minor), paid.currency);
  return { returned, penalty: subtract(paid, returned) };
}
