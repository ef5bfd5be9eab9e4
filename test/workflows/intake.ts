// What is in place before the story begins, as the API leaves it.
import { randomBytes } from 'node:crypto';
import { bookings, travellers } from '../../db/schema.ts';
import { money } from '../../domain/money.ts';
import type { Storefront } from '../../domain/booking.ts';
import type { ActivityProduct, ServiceProduct, Travellers } from '../../domain/product.ts';
import type { Deaths } from './dying-worker.ts';
import type { Stage } from './stage.ts';

const TRAVELLERS: Travellers = {
  contact: {
    firstName: 'Ada',
    familyName: 'Lovelace',
    email: 'ada@example.com',
    mobile: '+44 20 7946 0001',
    country: 'GB',
  },
  passengers: [{ firstName: 'Ada', familyName: 'Lovelace', type: 'adult', otherInfo: [] }],
  bookingExtra: [],
  unitExtra: [],
};

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface Wish {
  readonly product?: Partial<ActivityProduct>;
  /** Nobody need be asked for it; sold on a storefront of its own. */
  readonly service?: { readonly storefront: Storefront } & Pick<ServiceProduct, 'payWhen'> &
    Partial<Pick<ServiceProduct, 'gateway' | 'otherCurrency'>>;
  readonly windowMs?: number;
  readonly serviceInMs?: number;
  /** The customer's frontend ordered at the supplier before it came to us; how that order stands when it is paid. */
  readonly ordered?: 'unpaid' | 'expired';
  /** The worker dies again and again, and remembers no workflow from one task to the next. */
  readonly deaths?: Deaths;
}

/** Two adults at 50.00 net each, sold for 110.00. */
export async function takeIn({ env, database, keyring }: Stage, wish: Wish, adopted: string | null): Promise<string> {
  const id = `bk_${randomBytes(8).toString('hex')}`;
  const nowMs = await env.currentTimeMs();
  const serviceAt = new Date(nowMs + (wish.serviceInMs ?? 10 * DAY_MS));
  const { service } = wish;
  const product = service ? serviceOf(service) : { ...productOf(id, serviceAt, wish), adoptedOrderNo: adopted };
  await database.db.transaction(async (tx) => {
    await tx.insert(bookings).values({
      id,
      number: `HF-${randomBytes(4).toString('hex')}`,
      storefront: service?.storefront ?? 'trektoo',
      externalId: `ag-${id}`,
      bodyHash: 'x',
      kind: product.kind,
      ownerSub: 'customer-1',
      chargeMinor: 11_000,
      currency: 'USD',
      ...(service ? {} : { netMinor: 10_000, netCurrency: 'USD' }),
      serviceAt,
      expiresAt: new Date(nowMs + (wish.windowMs ?? 30 * MINUTE_MS)),
      product,
      createdAt: new Date(nowMs),
    });
    await keyring.create(tx, id);
  });
  const sealed = await keyring.seal(id, Buffer.from(JSON.stringify(TRAVELLERS)), 'travellers');
  await database.db.insert(travellers).values({ bookingId: id, sealed });
  return id;
}

const serviceOf = ({ storefront: _, ...sold }: NonNullable<Wish['service']>): ServiceProduct => ({
  kind: 'service',
  name: 'Meet and assist',
  option: 'Arrival',
  when: null,
  items: [{ name: 'Passenger', count: 2, unit: money(5_500, 'USD') }],
  refundPolicy: [],
  gateway: 'stripe_intent',
  refs: { flight: 'HF 1' },
  ...sold,
});

export function productOf(id: string, serviceAt: Date, wish: Wish): ActivityProduct {
  return {
    kind: 'activity',
    activityId: '1001',
    activityName: 'Peak Tram',
    packageId: '2001',
    packageName: 'Return ticket',
    startTime: serviceAt.toISOString().slice(0, 19).replace('T', ' '),
    timezone: 'UTC',
    items: [{ skuId: '3001', name: 'Adult', count: 2, unitNet: money(5_000, 'USD') }],
    markup: { type: 'percent', value: '10' },
    agentOrderId: `ag-${id}`,
    adoptedOrderNo: null,
    orderWhen: 'after_payment',
    captureWhen: 'at_once',
    acceptedNet: money(10_000, 'USD'),
    priceTolerancePercent: '0',
    refundPolicy: [],
    ...wish.product,
  };
}
