// Sound books: bookings sold and paid at the stand-ins and written down as the program does, to plant what is wrong with them.
import Stripe from 'stripe';
import { reconcile, reconciliationActivities } from '../../activities/reconciliation.ts';
import type { RunSummary } from '../../activities/reconciliation.ts';
import type { MissedNews } from '../../activities/compare-house.ts';
import { createRecorder } from '../../activities/record.ts';
import { createGateways } from '../../adapters/gateways/index.ts';
import { createSuppliers } from '../../adapters/suppliers/index.ts';
import { openFindings } from '../../db/findings.ts';
import type { StoredFinding } from '../../db/findings.ts';
import type { Booking } from '../../domain/booking.ts';
import type { BookingEvent } from '../../domain/events.ts';
import { PATIENCE } from '../../domain/invariants.ts';
import { money } from '../../domain/money.ts';
import { factsLearned } from '../../domain/payment-facts.ts';
import { startKlook } from '../../sim/klook/server.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import { orderOver } from '../contracts/sample-order.ts';
import { openBench as openDatabaseBench } from '../db/test-bench.ts';

const PRICE = money(4_675, 'USD');
const NET = money(4_250, 'USD');
const DAY_MS = 86_400_000;
const NOWHERE = 'http://127.0.0.1:1/api/v1';

export interface Sold {
  readonly id: string;
  readonly paymentId: string;
  readonly paymentRef: string;
}

export type BooksBench = Awaited<ReturnType<typeof openBooks>>;

export async function openBooks() {
  const [database, stripeSim, klookSim] = await Promise.all([openDatabaseBench(), startStripe(), startKlook()]);
  const { db } = database;
  const clock = (): Date => new Date();
  const record = createRecorder(db, clock);
  const chip = { apiKey: 'x', apiBase: NOWHERE, brandId: 'x', callbackUrl: NOWHERE, webhookKeys: [] };
  const stripe = { secretKey: 'sk_test_books', apiBase: stripeSim.url, webhookSecrets: [] };
  const gateways = createGateways({ stripe, chip });
  const suppliers = createSuppliers({ klook: { apiKey: 'books', apiBase: klookSim.url } });
  const open = new Set<string>();
  const told: MissedNews[] = [];
  const workflows = {
    async *ids() {
      yield* open;
    },
    isOpen: async (id: string) => open.has(id),
    tell: async (news: MissedNews) => void told.push(news),
  };
  const verbs = reconciliationActivities({
    db,
    clock,
    gateways,
    suppliers,
    workflows,
    // Whatever stands is at rest: nothing happens here but what a test does.
    patience: { ...PATIENCE, restMs: 0, newsMs: 0 },
    secondLookMs: 0,
  });
  const write = (id: string, events: readonly BookingEvent[]): Promise<Booking> => record(id, () => events);

  /** Paid for at Stripe, and not written down. */
  async function paidUnheard(): Promise<Sold> {
    const order = orderOver(PRICE);
    const { bookingId: id, paymentId } = order;
    const expiresAt = new Date(Date.now() + DAY_MS).toISOString();
    await database.add(
      { id, externalId: id, charge: PRICE, expiresAt, serviceAt: new Date(Date.now() + 30 * DAY_MS).toISOString() },
      { workflowSeenAt: new Date() },
    );
    open.add(`booking-${id}`);
    const started = await gateways.stripe_intent.start(order, paymentId);
    if (started.kind !== 'confirm') throw new Error(`not started: ${started.kind}`);
    const { ref, status, wireStatus } = started;
    const opened = {
      paymentId,
      attempt: 1,
      gateway: 'stripe_intent',
      ref,
      amount: PRICE,
      status,
      wireStatus,
      expiresAt,
    };
    await write(id, [{ type: 'payment.opened', ...opened } as BookingEvent]);
    const form = { key: 'pk_test_books', client_secret: started.clientSecret, payment_method: 'pm_card_visa' };
    const body = new URLSearchParams(form);
    await fetch(`${stripeSim.url}/v1/payment_intents/${ref}/confirm`, { method: 'POST', body });
    return { id, paymentId, paymentRef: ref };
  }

  /** What the booking's workflow does when it is told. */
  async function hear({ id, paymentRef }: Sold): Promise<void> {
    const fact = await gateways.stripe_intent.look(paymentRef);
    await record(
      id,
      ({
        booking: {
          payments: [payment],
        },
      }) => (payment ? factsLearned(payment, fact) : []),
    );
  }

  async function paid(): Promise<Sold> {
    const sold = await paidUnheard();
    await hear(sold);
    return sold;
  }

  async function confirmed(): Promise<Sold & { readonly orderNo: string }> {
    const sold = await paid();
    const { id } = sold;
    const ourRef = `AG-${id}`;
    const startTime = `${new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10)} 10:00:00`;
    const contact = { firstName: 'Mei', familyName: 'Lin', email: 'mei@example.com', mobile: '+65 1', country: 'SG' };
    const items = [{ skuId: '3001', count: 1, unitNet: NET }];
    const order = { ourRef, packageId: '2001', startTime, items, contact, bookingExtra: [], unitExtra: [] };
    const placed = await suppliers.klook.place(order);
    if (placed.kind !== 'placed') throw new Error(`not placed: ${placed.kind}`);
    const { orderNo, net, payBy } = placed;
    await suppliers.klook.pay(orderNo);
    const vouchers = [{ codes: [{ code: 'V1', description: '' }], bookingRef: 'B1', url: null }];
    await write(id, [
      { type: 'supplier.placing', supplier: 'klook', generation: 0, ourRef, net },
      { type: 'supplier.ordered', generation: 0, orderNo, net, payBy, adopted: false },
      { type: 'supplier.paid', generation: 0, amount: net },
      { type: 'supplier.confirmed', generation: 0, net },
      { type: 'booking.confirmed', attempt: 1 },
      { type: 'vouchers.ready', vouchers },
    ]);
    return { ...sold, orderNo };
  }

  return {
    ...database,
    stripeSim,
    klookSim,
    gateways,
    suppliers,
    /** As anybody with the key could, without a word to us. */
    stripe: new Stripe('sk_test_books', {
      host: '127.0.0.1',
      port: stripeSim.port,
      protocol: 'http',
      telemetry: false,
    }),
    open,
    told,
    verbs,
    write,
    paidUnheard,
    paid,
    confirmed,
    hear,
    check: (scope: 'recent' | 'all' = 'all'): Promise<RunSummary> => reconcile(verbs, scope),
    findings: (): Promise<readonly StoredFinding[]> => openFindings(db),
    stop: async () => {
      await Promise.all([database.close(), stripeSim.close(), klookSim.close()]);
    },
  };
}
