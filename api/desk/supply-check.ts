// Asks the supplier, without changing anything there, whether what a client wants is to be had at the price it names.
import { equals, formatMajor, parseMajor, zero } from '../../domain/money.ts';
import type { Money } from '../../domain/money.ts';
import { SupplierRejected, SupplierUnreachable } from '../../domain/supply.ts';
import type { Availability } from '../../domain/supply.ts';
import { VisibleError } from '../errors.ts';
import { refused } from './activity-order.ts';
import type { ActivityOrder, Buyer, Offer } from './activity-order.ts';
import type { Desk } from './desk.ts';

/** A supplier that cannot be asked is not the customer's mistake. */
export async function askSupplier<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SupplierUnreachable || error instanceof SupplierRejected) {
      const message = 'The supplier cannot be asked at the moment. Please try again.';
      throw new VisibleError('provider_error', message, { retryAfterS: 2, cause: error });
    }
    throw error;
  }
}

export async function currentLines(desk: Desk, order: ActivityOrder, buyer: Buyer): Promise<Offer['lines']> {
  const { packageId, startTime } = order;
  // A check asks for the current price and sends none, so the currency does not matter here.
  const items = order.items.map(({ skuId, count }) => ({ skuId, count, unitNet: zero('USD') }));
  const found = await askSupplier(() => desk.suppliers.klook.check({ packageId, startTime, items }));
  return linesOf(availableOr(found, buyer), order, buyer);
}

type Available = Extract<Availability, { kind: 'available' }>;

function availableOr(found: Availability, buyer: Buyer): Available {
  switch (found.kind) {
    case 'available':
      return found;
    case 'sold_out':
      throw new VisibleError('conflict', 'The activity is sold out at this time.', { code: 'sold_out' });
    case 'not_available':
    case 'unknown_sku':
      throw refused(
        buyer,
        'items',
        'This is not for sale: the package does not have one of these SKUs, or not at this time.',
      );
    case 'invalid':
      throw refused(buyer, 'items', 'The supplier does not accept this combination of package, time and SKUs.');
  }
}

function linesOf({ items }: Available, order: ActivityOrder, buyer: Buyer): Offer['lines'] {
  const lines = order.items.map((line) => {
    const current = items.find(({ skuId }) => skuId === line.skuId);
    if (!current?.available)
      throw new VisibleError('conflict', 'The activity is sold out at this time.', { code: 'sold_out' });
    return { ...line, unitNet: current.unitNet };
  });
  refuseMoved(lines, buyer);
  return lines;
}

function refuseMoved(lines: Offer['lines'], { field }: Buyer): void {
  const moved = lines.flatMap(({ price, unitNet }, index) =>
    agrees(price, unitNet)
      ? []
      : [[field(`items.${index}.price`), [`The price is now ${formatMajor(unitNet)} ${unitNet.currency}.`]] as const],
  );
  if (moved.length === 0) return;
  const fields = Object.fromEntries(moved);
  throw new VisibleError('conflict', 'The price has changed.', { code: 'price_changed', fields });
}

function agrees(price: string, unitNet: Money): boolean {
  const asked = parseMajor(price, unitNet.currency);
  return asked !== undefined && equals(asked, unitNet);
}
