// The strongest of the invariants, I-9, on the whole stack: whatever order, however often and however late a gateway tells of
// what happened, a booking ends as it does when everything is told once, at once and in order.
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../setup/parts.ts';
import { CART, openLives, PORTER, SERVICE, silence, STAY, TRIP } from './any-order-lives.ts';
import type { Begin, Life, Telling } from './any-order-lives.ts';
import { bookingOf, endOf, isHeard, isIdle } from './any-order-ends.ts';
import type { End } from './any-order-ends.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { openTemporalView } from './temporal.ts';
import type { TemporalView } from './temporal.ts';
import { until } from './until.ts';

/** ANY_ORDER_RUNS=100 for more of them; a run of many has another script each time, unless ANY_ORDER_SEED says which. */
const RUNS = Number(process.env['ANY_ORDER_RUNS'] ?? 3);
const SEED = Number(process.env['ANY_ORDER_SEED'] ?? (RUNS > 3 ? Date.now() % 1_000_000 : 7));
const RUN_LIMIT_MS = 120_000;

const REST_WITHIN_MS = 60_000;

/** Of one event: by which way, how many further deeds later, where among those of that moment, after what pause. */
const delivery = fc.record({
  way: fc.nat({ max: 3 }),
  late: fc.nat({ max: 4 }),
  place: fc.nat({ max: 99 }),
  pauseMs: fc.constantFrom(0, 0, 20, 150),
});
const MOST_EVENTS = 16;
const MOST_DEEDS = 5;

/** The deliveries of each event of a life; and how long it is until the next deed. */
const telling = fc.record({
  deliveries: fc.array(fc.array(delivery, { minLength: 1, maxLength: 3 }), {
    minLength: MOST_EVENTS,
    maxLength: MOST_EVENTS,
  }),
  pausesMs: fc.array(fc.constantFrom(0, 0, 300, 900), { minLength: MOST_DEEDS, maxLength: MOST_DEEDS }),
});
type Plan = typeof telling extends fc.Arbitrary<infer T> ? T : never;
type Delivery = NonNullable<Plan['deliveries'][number][number]>;

const IN_ORDER: Plan = {
  deliveries: Array.from({ length: MOST_EVENTS }, () => [{ way: 0, late: 0, place: 0, pauseMs: 0 }]),
  pausesMs: Array.from({ length: MOST_DEEDS }, () => 900),
};

const PAID_BACK_IN_PART = {
  phase: 'partially_refunded',
  status: 'partially_refunded',
  reserved: 0,
  disputed: 0,
  over: 0,
};
const TOLD_IN_ORDER = {
  [STAY]: {
    booking: { ...PAID_BACK_IN_PART, captured: 2_000_000, refunded: 500_000 },
    disputes: ['won 1500000'],
    captures: 1,
  },
  [TRIP]: {
    booking: { ...PAID_BACK_IN_PART, captured: 4_675, refunded: 3_000 },
    supplierOrders: ['confirmed 4250 0'],
    captures: 1,
  },
  [SERVICE]: { booking: { phase: 'refunded', status: 'refunded', captured: 5_000, refunded: 5_000 }, captures: 1 },
  [PORTER]: {
    booking: { phase: 'confirmed', captured: 2_000, disputed: 2_000, refunded: 0 },
    disputes: ['lost 2000'],
    captures: 1,
  },
  [CART]: {
    booking: { ...PAID_BACK_IN_PART, captured: 12_900, refunded: 2_000 },
    orders: ['partially_refunded 12900'],
    disputes: ['won 10900'],
    captures: 1,
  },
};

interface Due extends Delivery {
  readonly telling: Telling;
  readonly moment: number;
}

/** Lives it through, and tells of it as planned; nothing is told before it happened, everything at the end at the latest. */
async function live(life: Life, { deliveries, pausesMs }: Plan): Promise<void> {
  const known = new Set<string>();
  let due: Due[] = [];
  for (const [moment, deed] of life.deeds.entries()) {
    await deed();
    const isLast = moment === life.deeds.length - 1;
    for (const each of life.tellings().filter(({ event }) => !known.has(event))) {
      const planned = deliveries[known.size % MOST_EVENTS] ?? [];
      known.add(each.event);
      due.push(...planned.map((one) => ({ ...one, telling: each, moment: moment + one.late })));
    }
    const now = due.filter((one) => isLast || one.moment <= moment);
    due = due.filter((one) => !now.includes(one));
    await post(now);
    await sleep(pausesMs[moment] ?? 0);
  }
}

/** Those without a pause before them go out beside each other. */
async function post(due: readonly Due[]): Promise<void> {
  const under: Promise<void>[] = [];
  for (const one of due.toSorted((a, b) => a.place - b.place)) {
    if (one.pauseMs > 0) await sleep(one.pauseMs);
    under.push(one.telling.post(one.way));
  }
  await Promise.all(under);
}

describeWith(['postgres', 'temporal'], 'of which its gateway tells in any order, a booking', () => {
  let stack: Stack;
  let temporal: TemporalView;
  let begins: Readonly<Record<string, Begin>>;
  let inOrder: Readonly<Record<string, End>> = {};
  beforeAll(async () => {
    stack = await startStack({
      environment: { FX_RATES: 'PKR/USD=0.0036' },
      stripe: { disputeMs: 20, refundMs: 50, balanceMs: 20 },
    });
    temporal = await openTemporalView(stack);
    await silence(stack);
    begins = await openLives(stack);
  }, 120_000);
  afterAll(async () => {
    await temporal.close();
    await stack.stop();
  });

  /** Told of all of it, and with nothing left to do but to wait for a person or for time to pass. */
  const lifeEnd = async (begin: Begin, plan: Plan): Promise<End> => {
    const life = await begin();
    await live(life, plan);
    let quietLooks = 0;
    const isAtRest = async () => {
      const isQuiet = (await isHeard(stack, life)) && (await isIdle(temporal, await bookingOf(stack, life)));
      quietLooks = isQuiet ? quietLooks + 1 : 0;
      return quietLooks >= 5;
    };
    await until({ what: `${life.name} to be at rest`, look: isAtRest, withinMs: REST_WITHIN_MS });
    return endOf(stack, life);
  };

  const ends = async (plans: Readonly<Record<string, Plan>>): Promise<Record<string, End>> => {
    const all = Object.entries(begins).map(async ([name, begin]) => {
      const plan = plans[name] ?? IN_ORDER;
      return [name, await lifeEnd(begin, plan)] as const;
    });
    return Object.fromEntries(await Promise.all(all));
  };

  it(
    'ends as what happened there, told in order',
    async () => {
      inOrder = await ends({});
      expect(inOrder).toMatchObject(TOLD_IN_ORDER);
      expect(Object.keys(inOrder)).toEqual(Object.keys(TOLD_IN_ORDER));
    },
    RUN_LIMIT_MS,
  );

  it(
    `ends the same, whatever the order, however often and however late (seed ${SEED})`,
    async () => {
      const plans = fc.record(Object.fromEntries(Object.keys(begins).map((name) => [name, telling])));
      await fc.assert(
        fc.asyncProperty(plans, async (chosen) => {
          expect(await ends(chosen)).toEqual(inOrder);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
    },
    RUN_LIMIT_MS * RUNS,
  );
});
