// The real workflow, the real activities and a real database, with vendors that do as they are told and time that is skipped.
import { randomBytes, randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { Context } from '@temporalio/activity';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { createRecorder } from '../../activities/record.ts';
import { createCodec } from '../../adapters/temporal/codec.ts';
import { dataConverterWith } from '../../adapters/temporal/connection.ts';
import { loadBooking } from '../../db/bookings.ts';
import { openDatabase } from '../../db/client.ts';
import type { OpenDatabase } from '../../db/client.ts';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { bookings, bookingEvents, notices, travellers } from '../../db/schema.ts';
import type { Booking } from '../../domain/booking.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import { money } from '../../domain/money.ts';
import type { ActivityProduct, Travellers } from '../../domain/product.ts';
import { BOOKING_WORKFLOW, gatewayNewsSignal, openUpdate, searchAttributes } from '../../workflows/messages.ts';
import { createTestDatabase } from '../setup/database.ts';
import { timeSkippingServer } from '../setup/parts.ts';
import { testBundle } from './bundle.ts';
import { scriptedGateway } from './scripted-gateway.ts';
import { scriptedSupplier } from './scripted-supplier.ts';

const NAMESPACE = 'default';
const KEYWORD = 2;
const TYPES = { KEYWORD, INT: 3, BOOL: 5, DATETIME: 6 } as const;

export interface Stage {
  readonly env: TestWorkflowEnvironment;
  readonly database: OpenDatabase;
  readonly keyring: Keyring;
  readonly bundle: WorkflowBundle;
  close(): Promise<void>;
}

/** One server and one database per test file; every scenario has a booking and vendors of its own. */
export async function openStage(): Promise<Stage> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { url } = await createTestDatabase();
  const database = openDatabase({ url, poolSize: 8, applicationName: 'test', onIdleError: () => {} });
  const keyring = createKeyring(database.db, [{ id: 'm1', bytes: randomBytes(32) }]);
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: timeSkippingServer() } },
    client: { dataConverter: dataConverterWith(createCodec(keyring, NAMESPACE)) },
  });
  const wanted = Object.fromEntries(Object.values(searchAttributes).map(({ name, type }) => [name, TYPES[type]]));
  await env.connection.operatorService.addSearchAttributes({ namespace: NAMESPACE, searchAttributes: wanted });
  const close = async (): Promise<void> => {
    await env.teardown();
    await database.close();
  };
  return { env, database, keyring, bundle: await testBundle(), close };
}

const CONTACT = { firstName: 'Ada', familyName: 'Lovelace', email: 'ada@example.com', mobile: '+44 20 7946 0001', country: 'GB' };
const TRAVELLERS: Travellers = {
  contact: CONTACT,
  passengers: [{ firstName: 'Ada', familyName: 'Lovelace', type: 'adult', otherInfo: [] }],
  bookingExtra: [],
  unitExtra: [],
};
const HOUR_MS = 3_600_000;

export interface Wish {
  readonly product?: Partial<ActivityProduct>;
  readonly windowMs?: number;
  readonly serviceInMs?: number;
}

/** What is in place before the story begins, as the API leaves it. */
async function intake({ env, database, keyring }: Stage, wish: Wish): Promise<string> {
  const id = `bk_${randomBytes(8).toString('hex')}`;
  const nowMs = await env.currentTimeMs();
  const serviceAt = new Date(nowMs + (wish.serviceInMs ?? 240 * HOUR_MS));
  const product: ActivityProduct = {
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
    capture: 'immediate',
    acceptedNet: money(10_000, 'USD'),
    priceTolerancePercent: '0',
    refundPolicy: [],
    cancellationPolicyText: null,
    ...wish.product,
  };
  await database.db.transaction(async (tx) => {
    await tx.insert(bookings).values({
      id,
      number: `HF-${randomBytes(4).toString('hex')}`,
      storefront: 'trektoo',
      externalId: product.agentOrderId,
      bodyHash: 'x',
      kind: 'activity',
      ownerSub: 'customer-1',
      chargeMinor: 11_000,
      currency: 'USD',
      netMinor: 10_000,
      netCurrency: 'USD',
      serviceAt,
      expiresAt: new Date(nowMs + (wish.windowMs ?? 30 * 60_000)),
      product,
      createdAt: new Date(nowMs),
    });
    await keyring.create(tx, id);
  });
  const sealed = await keyring.seal(id, Buffer.from(JSON.stringify(TRAVELLERS)), 'travellers');
  await database.db.insert(travellers).values({ bookingId: id, sealed });
  return id;
}

export interface Scene {
  readonly id: string;
  readonly handle: WorkflowHandle;
  readonly gateway: ReturnType<typeof scriptedGateway>;
  readonly supplier: ReturnType<typeof scriptedSupplier>;
  readonly env: TestWorkflowEnvironment;
  open(): Promise<unknown>;
  /** The gateway's webhook, as the sweep passes it on. */
  news(ref?: string): Promise<void>;
  pay(): Promise<void>;
  booking(): Promise<Booking>;
  facts(): Promise<readonly string[]>;
  letters(): Promise<readonly string[]>;
  /** What is left on each account, per currency. */
  balances(): Promise<Readonly<Record<string, number>>>;
  /** Lets time pass until the booking looks like this. */
  until(good: (booking: Booking) => boolean): Promise<Booking>;
}

let inboxId = 0;

/** Runs one scenario with a worker of its own, then replays its history against the same code. */
export async function play(stage: Stage, wish: Wish, story: (scene: Scene) => Promise<void>): Promise<void> {
  const taskQueue = `scene-${randomUUID()}`;
  const clock = (): Date => new Date(Context.current().info.currentAttemptScheduledTimestampMs);
  const gateway = scriptedGateway(clock);
  const supplier = scriptedSupplier();
  const worker = await workerFor(stage, { taskQueue, clock, gateway, supplier });
  const id = await intake(stage, wish);
  const scene = sceneOf(stage, { id, taskQueue, gateway, supplier });
  await worker.runUntil(() => story(scene));
  await replay(stage, scene);
}

interface Cast {
  readonly taskQueue: string;
  readonly clock: () => Date;
  readonly gateway: ReturnType<typeof scriptedGateway>;
  readonly supplier: ReturnType<typeof scriptedSupplier>;
}

function workerFor({ env, database, keyring, bundle }: Stage, { taskQueue, clock, gateway, supplier }: Cast): Promise<Worker> {
  return Worker.create({
    connection: env.nativeConnection,
    namespace: NAMESPACE,
    taskQueue,
    workflowBundle: bundle,
    dataConverter: dataConverterWith(createCodec(keyring, NAMESPACE)),
    activities: createActivities({
      db: database.db,
      keyring,
      record: createRecorder(database.db, clock),
      gateways: { stripe_intent: gateway.gateway },
      suppliers: { klook: supplier.supplier },
      renderPdf: async (content) => Buffer.from(`%PDF ${content.title}`),
      brand: { name: 'Holdfast', merchant: 'Holdfast', supportEmail: 'help@example.com', supportPhone: null, supportUrl: null },
      clock,
    }),
  });
}

function sceneOf(stage: Stage, parts: { id: string; taskQueue: string } & Pick<Cast, 'gateway' | 'supplier'>): Scene {
  const { env, database } = stage;
  const { id, taskQueue, gateway, supplier } = parts;
  const handle = env.client.workflow.getHandle(workflowIdOf(id));
  const booking = async (): Promise<Booking> => {
    const stored = await loadBooking(database.db, id);
    if (!stored) throw new Error(`no booking ${id}`);
    return stored.booking;
  };
  const news = (ref = 'pi_1'): Promise<void> => handle.signal(gatewayNewsSignal, { inboxId: (inboxId += 1), paymentRef: ref });
  return {
    id,
    handle,
    gateway,
    supplier,
    env,
    booking,
    news,
    open: () =>
      env.client.workflow.executeUpdateWithStart(openUpdate, {
        updateId: 'open',
        startWorkflowOperation: new WithStartWorkflowOperation(BOOKING_WORKFLOW, {
          workflowId: workflowIdOf(id),
          taskQueue,
          args: [{ bookingId: id }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        }),
      }),
    pay: async () => {
      gateway.set('pi_1', 'succeeded');
      await news();
    },
    facts: async () => (await eventsOf(stage, id)).map(({ type }) => type),
    letters: async () => {
      const rows = await database.db.select().from(notices).where(eq(notices.bookingId, id)).orderBy(asc(notices.id));
      return rows.map(({ kind }) => kind);
    },
    balances: () => balancesOf(stage, id),
    until: async (good) => {
      for (let tries = 0; tries < 400; tries += 1) {
        const now = await booking();
        if (good(now)) return now;
        await env.sleep(tries < 100 ? 250 : 60_000);
      }
      throw new Error(`waited in vain: ${JSON.stringify(await booking(), null, 1)}`);
    },
  };
}

const eventsOf = ({ database }: Stage, id: string) =>
  database.db.select().from(bookingEvents).where(eq(bookingEvents.bookingId, id)).orderBy(asc(bookingEvents.seq));

async function balancesOf({ database }: Stage, id: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await database.pool.query<{ account: string; minor: string }>(
    `select p.account || ' ' || p.currency as account, sum(p.minor)::text as minor from ledger_postings p
     join ledger_transactions t on t.id = p.transaction_id where t.booking_id = $1 group by 1 having sum(p.minor) <> 0`,
    [id],
  );
  return Object.fromEntries(rows.map(({ account, minor }) => [account, Number(minor)]));
}

async function replay({ bundle, keyring }: Stage, { handle }: Scene): Promise<void> {
  const history = await handle.fetchHistory();
  const dataConverter = dataConverterWith(createCodec(keyring, NAMESPACE));
  await Worker.runReplayHistory({ workflowBundle: bundle, dataConverter }, history, handle.workflowId);
}

