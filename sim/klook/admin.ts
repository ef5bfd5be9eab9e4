// Changing what Klook sells and what the agent has to spend, by request.
import { activities } from './catalogue.ts';
import { textFrom } from '../reply.ts';
import { invalid } from './errors.ts';
import { move } from './ledger.ts';
import { decimal, minorFrom } from './money.ts';
import { wireId } from './offer.ts';
import { BALANCE_CURRENCY } from './state.ts';
import type { World } from './state.ts';

export function changeBalance(world: World, body: Record<string, unknown>): Record<string, unknown> {
  const type = body['set'] === undefined ? 'topup' : 'set';
  const amountMinor = minorFrom(body[type], BALANCE_CURRENCY);
  if (amountMinor === undefined) throw invalid('send {set: "100.00"} or {topup: "100.00"}');
  move(world, { type, amountMinor, note: 'by request' });
  return { remaining_balance: decimal(world.balanceMinor, BALANCE_CURRENCY), currency: BALANCE_CURRENCY };
}

/** Changes a SKU, or adds one (and its package) when the id is new. `stock` counts from now on. */
export function changeCatalog(world: World, body: Record<string, unknown>): Record<string, unknown> {
  const id = textFrom(body['sku_id']);
  const before = world.skus.get(id);
  const packageId = before?.packageId ?? textFrom(body['package_id']);
  if (id === '' || packageId === '') throw invalid('send sku_id, and package_id for a new SKU');
  const pack = changedPackage(world, packageId, body);
  const price = body['price'] === undefined ? (before?.price ?? '10.00') : textFrom(body['price']);
  const priceMinor = minorFrom(price, pack.currency);
  if (priceMinor === undefined) throw invalid(`price must be an amount in ${pack.currency}`);
  const stock = body['stock'] === undefined ? (before?.stock ?? null) : stockFrom(body['stock']);
  if (body['stock'] !== undefined) forgetSales(world, id);
  world.packages.put(pack);
  const sku = world.skus.put({
    id,
    packageId,
    name: typeof body['name'] === 'string' ? body['name'] : (before?.name ?? `SKU ${id}`),
    price: decimal(priceMinor, pack.currency),
    stock,
    published: typeof body['published'] === 'boolean' ? body['published'] : (before?.published ?? true),
  });
  return { ...sku, sku_id: wireId(id), package_id: wireId(packageId), package: pack };
}

function changedPackage(world: World, id: string, body: Record<string, unknown>) {
  const known = world.packages.get(id);
  const template = known ?? world.packages.get('2001');
  if (!template) throw new Error('the default catalogue is missing');
  const currency = typeof body['currency'] === 'string' ? body['currency'].toUpperCase() : template.currency;
  const outcome = body['outcome'] === 'reject' || body['outcome'] === 'confirm' ? body['outcome'] : template.outcome;
  return {
    ...template,
    id,
    activityId: known?.activityId ?? activities[0]?.id ?? '',
    name: known?.name ?? `Package ${id}`,
    currency,
    outcome,
    instant: typeof body['instant'] === 'boolean' ? body['instant'] : template.instant,
    timezone: zoneFrom(body['timezone']) ?? template.timezone,
  };
}

function zoneFrom(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: textFrom(value) }).resolvedOptions().timeZone;
  } catch {
    throw invalid(`unknown timezone ${textFrom(value)}`);
  }
}

function stockFrom(value: unknown): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw invalid('stock must be a whole number of at least 0, or null for no limit');
}

function forgetSales(world: World, skuId: string): void {
  for (const slot of world.slots.values()) {
    if (slot.id.startsWith(`${skuId}|`)) world.slots.put({ ...slot, sold: 0 });
  }
}
