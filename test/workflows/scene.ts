// One booking's story: the real workflow and the real activities, with vendors that do as they are told.
import { randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { Context } from '@temporalio/activity';
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { UpdateDefinition } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { createOnArrivalGateway } from '../../adapters/gateways/on-arrival.ts';
import type { MailMessage } from '../../adapters/mail.ts';
import { createActivities } from '../../activities/index.ts';
import { createRecorder } from '../../activities/record.ts';
import { loadBooking } from '../../db/bookings.ts';
import { askErasure, erase } from '../../db/erasures.ts';
import { bookingEvents, documents, notices } from '../../db/schema.ts';
import type { Booking } from '../../domain/booking.ts';
import { workflowIdOf } from '../../domain/ids.ts';
import type { NoticeKind } from '../../domain/notices.ts';
import { writeLetter } from '../../worker/letters.ts';
import type { OpenResult } from '../../workflows/messages.ts';
import { BOOKING_WORKFLOW, gatewayNewsSignal, openUpdate } from '../../workflows/messages.ts';
import { keepToLimit } from './activity-limit.ts';
import { runsOf } from './chain.ts';
import { takeIn } from './intake.ts';
import type { Wish } from './intake.ts';
import { scriptedGateway } from './scripted-gateway.ts';
import { scriptedSupplier } from './scripted-supplier.ts';
import { NAMESPACE } from './stage.ts';
import type { Stage } from './stage.ts';
import { unlessStandingStill } from './standstill.ts';

export interface Scene {
  readonly id: string;
  readonly taskQueue: string;
  readonly handle: WorkflowHandle;
  readonly gateway: ReturnType<typeof scriptedGateway>;
  readonly supplier: ReturnType<typeof scriptedSupplier>;
  readonly env: TestWorkflowEnvironment;
  open(): Promise<OpenResult>;
  /** The gateway's webhook, as the sweep passes it on. */
  news(ref?: string, inboxId?: number): Promise<void>;
  pay(ref?: string): Promise<void>;
  /** The id that the desk would give to the nth refund asked for. */
  refundId(n: number): string;
  /** A request of a person; its answer may need time to pass meanwhile. */
  ask<Result, Request>(update: UpdateDefinition<Result, [Request]>, request: Request): Promise<Result>;
  booking(): Promise<Booking>;
  facts(): Promise<readonly string[]>;
  letters(): Promise<readonly string[]>;
  papers(): Promise<readonly string[]>;
  /** The files that go out with the letter of this kind, written now. */
  attachedTo(letter: NoticeKind): Promise<readonly string[]>;
  /** What the last letter of this kind says, written now. */
  written(letter: NoticeKind): Promise<string>;
  /** What is left on each account, per currency. */
  balances(): Promise<Readonly<Record<string, number>>>;
  /** Lets time pass until the booking looks like this. */
  until(good: (booking: Booking) => boolean): Promise<Booking>;
  /** Until whatever is under way has been done; what waits for its time goes on waiting. */
  quiet(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** What an administrator asks for, done at once. */
  forget(): Promise<void>;
}

export type Story = (scene: Scene) => Promise<void>;

/** Runs one scenario, then replays its histories against the same code. */
export async function play(stage: Stage, wish: Wish, story: Story): Promise<void> {
  await replay(stage, await perform(stage, wish, story));
}

/** Runs one scenario with a worker of its own. */
export async function perform(stage: Stage, wish: Wish, story: Story): Promise<Scene> {
  const taskQueue = `scene-${randomUUID()}`;
  const clock = (): Date => new Date(Context.current().info.currentAttemptScheduledTimestampMs);
  const tag = taskQueue.slice(-12);
  const gateway = scriptedGateway(clock, tag);
  const supplier = scriptedSupplier(clock, tag);
  const worker = await workerFor(stage, { taskQueue, clock, gateway, supplier, deaths: wish.deaths });
  const adopted = wish.ordered ? supplier.orderElsewhere(wish.ordered) : null;
  const id = await takeIn(stage, wish, adopted);
  const scene = sceneOf(stage, { id, taskQueue, gateway, supplier });
  await worker.runUntil(async () => {
    try {
      await unlessStandingStill(stage.env.connection, () => story(scene));
      await untilQuiet(scene.handle);
    } finally {
      await leaveNothingOpen(scene);
    }
  });
  return scene;
}

/** A task that nobody takes up any more would keep the server from skipping time for the next scene. */
async function leaveNothingOpen({ handle }: Scene): Promise<void> {
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') await handle.terminate(SCENE_OVER);
}

export const SCENE_OVER = 'the scene is over';

interface Cast {
  readonly taskQueue: string;
  readonly clock: () => Date;
  readonly gateway: ReturnType<typeof scriptedGateway>;
  readonly supplier: ReturnType<typeof scriptedSupplier>;
  readonly deaths: Wish['deaths'];
}

const BRAND = {
  name: 'Holdfast',
  merchant: 'Holdfast',
  supportEmail: 'help@example.com',
  supportPhone: null,
  supportUrl: null,
};

function workerFor(stage: Stage, { taskQueue, clock, gateway, supplier, deaths }: Cast): Promise<Worker> {
  const { env, database, keyring, bundle, dataConverter } = stage;
  return Worker.create({
    connection: env.nativeConnection,
    namespace: NAMESPACE,
    taskQueue,
    workflowBundle: bundle,
    dataConverter,
    interceptors: { activity: [keepToLimit, ...(deaths ? [deaths.interceptor] : [])] },
    ...(deaths && { maxCachedWorkflows: 0 }),
    activities: createActivities({
      db: database.db,
      keyring,
      record: createRecorder(database.db, clock),
      gateways: {
        stripe_intent: gateway.gateway,
        stripe_checkout: { ...gateway.gateway, name: 'stripe_checkout' },
        chip: { ...gateway.gateway, name: 'chip' },
        on_arrival: createOnArrivalGateway(),
      },
      suppliers: { klook: supplier.supplier },
      renderPdf: async (content) => Buffer.from(`%PDF ${content.title} ${content.stamp ?? ''}`),
      brand: BRAND,
      returnUrls: { success: 'https://shop.example/paid', cancel: 'https://shop.example/' },
      checkoutUrl: 'https://pay.example/checkout',
      clock,
    }),
  });
}

let lastInboxId = 0;

function sceneOf(stage: Stage, parts: { id: string; taskQueue: string } & Pick<Cast, 'gateway' | 'supplier'>): Scene {
  const { env } = stage;
  const { id, taskQueue, gateway } = parts;
  const handle = env.client.workflow.getHandle(workflowIdOf(id));
  const news = (paymentRef = 'pi_1', inboxId = (lastInboxId += 1)): Promise<void> =>
    handle.signal(gatewayNewsSignal, { inboxId, paymentRef: gateway.refOf(paymentRef), replay: 0 });
  return {
    ...parts,
    ...recordsOf(stage, id),
    handle,
    env,
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
    pay: async (ref = 'pi_1') => {
      gateway.set(ref, 'succeeded');
      await news(ref);
    },
    refundId: (n) => `rf_${id.slice('bk_'.length)}_staff_${n}`,
    ask: (update, request) => handle.executeUpdate(update, { args: [request] }),
    quiet: () => untilQuiet(handle),
    pass: (ms) => env.sleep(ms),
    forget: async () => {
      await askErasure(stage.database.db, [id], { actor: 'ada', role: 'admin' });
      const left = await erase(stage.database.db, id, await env.currentTimeMs());
      if (left !== 'now') throw new Error(`the person is still needed: ${left}`);
    },
  };
}

/** Of real time: a scenario that hangs must end by itself, or it would disturb the next one. */
const UNTIL_PATIENCE_MS = 15_000;

/** Something happened that the workflow has not answered yet. */
async function isDeciding(handle: WorkflowHandle): Promise<boolean> {
  const { events = [] } = await handle.fetchHistory();
  const answered = events?.findLastIndex((event) => event.workflowTaskCompletedEventAttributes) ?? -1;
  return events?.slice(answered + 1).some((event) => event.workflowTaskScheduledEventAttributes) ?? false;
}

/** An activity that failed before waits for its time; the server calls that started as well. */
async function isAtWork(handle: WorkflowHandle): Promise<boolean> {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.some(({ lastFailure }) => !lastFailure) ?? false;
}

async function untilQuiet(handle: WorkflowHandle): Promise<void> {
  const patienceEndsMs = Date.now() + UNTIL_PATIENCE_MS;
  for (let quietLooks = 0; quietLooks < 3 && Date.now() < patienceEndsMs;) {
    const busy = (await isDeciding(handle)) || (await isAtWork(handle));
    quietLooks = busy ? 0 : quietLooks + 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

type Records = Pick<
  Scene,
  'booking' | 'facts' | 'letters' | 'papers' | 'attachedTo' | 'written' | 'balances' | 'until'
>;

function recordsOf({ database: { db, pool }, env, keyring }: Stage, id: string): Records {
  const booking = async (): Promise<Booking> => {
    const stored = await loadBooking(db, id);
    if (!stored) throw new Error(`no booking ${id}`);
    return stored.booking;
  };
  const mails = async (kindMeant: NoticeKind): Promise<readonly (MailMessage | undefined)[]> => {
    const due = await db.select().from(notices).where(eq(notices.bookingId, id)).orderBy(asc(notices.id));
    const meant = due.filter(({ kind }) => kind === kindMeant);
    if (meant.length === 0) throw new Error(`no letter ${kindMeant}`);
    const house = { db, keyring, brand: BRAND, staff: [], workflowsUrl: '' };
    const written = await Promise.all(meant.map((notice) => writeLetter(house, notice)));
    return written.map((letter) => ('letter' in letter ? letter : undefined));
  };
  return {
    booking,
    facts: async () => {
      const of = eq(bookingEvents.bookingId, id);
      return (await db.select().from(bookingEvents).where(of).orderBy(asc(bookingEvents.seq))).map(({ type }) => type);
    },
    letters: async () => {
      const of = eq(notices.bookingId, id);
      return (await db.select().from(notices).where(of).orderBy(asc(notices.id))).map(({ kind }) => kind);
    },
    papers: async () => {
      const of = eq(documents.bookingId, id);
      const rows = await db.select().from(documents).where(of).orderBy(asc(documents.version), asc(documents.kind));
      return rows.map(({ kind, number, version }) => `${kind} ${number} v${version}`);
    },
    attachedTo: async (letter) => {
      const [first] = await mails(letter);
      return first?.attachments.map(({ filename }) => filename) ?? [];
    },
    written: async (letter) => {
      const last = (await mails(letter)).at(-1)?.letter;
      return last ? [last.subject, last.preheader, ...last.paragraphs].join('\n') : '';
    },
    balances: async () => {
      const { rows } = await pool.query<{ account: string; minor: string }>(BALANCES, [id]);
      return Object.fromEntries(rows.map(({ account, minor }) => [account, Number(minor)]));
    },
    until: async (good) => {
      const patienceEndsMs = Date.now() + UNTIL_PATIENCE_MS;
      for (let tries = 0; Date.now() < patienceEndsMs; tries += 1) {
        const now = await booking();
        if (good(now)) return now;
        await env.sleep(Math.min(60_000, Math.round(250 * 1.15 ** tries)));
      }
      throw new Error(`waited in vain: ${JSON.stringify(await booking(), null, 1)}`);
    },
  };
}

const BALANCES = `select p.account || ' ' || p.currency as account, sum(p.minor)::text as minor from ledger_postings p
  join ledger_transactions t on t.id = p.transaction_id where t.booking_id = $1 group by 1 having sum(p.minor) <> 0`;

/** Every history of the booking: one that started afresh has several. */
async function replay({ env, replays }: Stage, { handle }: Scene): Promise<void> {
  const { workflowId } = handle;
  for (const runId of await runsOf({ env, handle })) {
    const history = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
    await replays.replay(history, workflowId);
  }
}
