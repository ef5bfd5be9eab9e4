// @ts-check
// The crash matrix: on every road, at every activity of it, the worker dies before, inside, after it and after its report;
// it is started again, and the booking must end as it would have ended.
import { setTimeout as sleep } from 'node:timers/promises';

import { ask, GaveUp } from './asking.mjs';
import { readBooks, withTemporal } from './books.mjs';
import { compareBooks } from './compare.mjs';
import { answerDisputes } from './disputes.mjs';
import { PATHS, WINDOWS } from './matrix-paths.mjs';
import { untilAtRest } from './rest.mjs';
import { startStack } from './stack.mjs';
import { openWorld } from './world.mjs';

/** Inside comes last: an activity that moves nothing outside never meets it, and must not stand in the way of others. */
const MOMENTS = /** @type {const} */ (['before', 'after', 'reported', 'inside']);
const BOOKINGS_A_ROUND = 6;
const MOST_ROUNDS = 8;
// Dozens of deaths in one round, each of which costs the time-out of what was at work.
const RESTS_WITHIN_MS = 600_000;
const WORKER = 'worker-1';

/** @typedef {typeof MOMENTS[number]} Moment */
/** @typedef {'ended' | 'broken' | 'never'} CellState never: there is no such moment, for it moves nothing outside */
/** @typedef {{ activity: string, moment: Moment }} Cell */
/** @typedef {{ path: string, activity: string } & Record<Moment, CellState>} Row */
/** @typedef {{ rows: Row[], findings: import('./compare.mjs').Finding[], unexplained: Record<string, number>, deaths: number, tookMs: number, passed: boolean }} Matrix */
/** @typedef {import('./matrix-paths.mjs').Ground & { stack: import('./stack.mjs').Stack, reaper: Reaper, say: (line: string) => void, next: () => number, cells: number }} Field */

/** @typedef {ReturnType<typeof createReaper>} Reaper */

/** Hands each life of the worker the ends that are still to come, and hears which one it met. */
function createReaper() {
  /** @type {Cell[]} */
  let wanted = [];
  /** @type {(Cell & { workflowId: string })[]} */
  let met = [];
  return {
    settingsOf: (/** @type {string} */ name) => ({
      HOLDFAST_DIE: name === WORKER ? wanted.map(({ activity, moment }) => `${activity}:${moment}`).join(',') : '',
    }),
    onLine: (/** @type {string} */ line) => {
      if (!line.includes('"dying on purpose"')) return;
      /** @type {Cell & { workflowId: string }} */
      const { activity, moment, workflowId } = JSON.parse(line);
      met.push({ activity, moment, workflowId });
      wanted = wanted.filter((cell) => cell.activity !== activity || cell.moment !== moment);
    },
    /** @param {Cell[]} cells */
    want(cells) {
      wanted = cells;
      met = [];
    },
    met: () => met,
    wanted: () => wanted,
  };
}

/**
 * @param {{ paths: readonly string[], cells: number, say: (line: string) => void }} options cells: how many of each path, spread over it
 * @returns {Promise<Matrix>}
 */
export async function runMatrix({ paths, cells, say }) {
  const began = Date.now();
  const reaper = createReaper();
  const programs = [WORKER, 'background', 'api-1'];
  const { settingsOf, onLine } = reaper;
  const stack = await startStack({ windowS: 600, windows: WINDOWS, kafkaIsAway: false, programs, settingsOf, onLine });
  try {
    const world = await openWorld(stack, { seed: began % 1_000_000, windowS: 600 });
    const defence = answerDisputes(world);
    let n = 0;
    const next = () => (n += 1);
    const field = { world, env: stack.env, over: new Set(), stack, reaper, say, next, cells };
    /** @type {Row[]} */
    const rows = [];
    /** @type {import('./compare.mjs').Finding[]} */
    let findings = [];
    /** @type {Record<string, number>} */
    let unexplained = {};
    let deaths = 0;
    for (const path of paths) {
      const walked = await walkPath(field, path);
      rows.push(...walked.rows);
      ({ findings, unexplained } = walked);
      deaths += walked.deaths;
    }
    await defence.stop();
    const isWhole = rows.every((row) => MOMENTS.every((moment) => row[moment] !== 'broken'));
    return {
      rows,
      findings,
      unexplained,
      deaths,
      tookMs: Date.now() - began,
      passed: isWhole && findings.length === 0,
    };
  } finally {
    await stack.stop();
  }
}

/** To see which activities it has, and how its bookings end: a cart that was changed leaves one behind. @param {Field} field @param {string} path */
async function walkInPeace(field, path) {
  field.reaper.want([]);
  const before = await endsOf(field);
  const [sample] = await walkMany(field, path, 1);
  await rest(field);
  const { ends } = await endsOf(field);
  const fresh = [...ends.keys()].filter((id) => !before.ends.has(id));
  const goodEnds = new Set(fresh.map((id) => ends.get(id)));
  return { end: ends.get(sample ?? ''), goodEnds, activities: await activitiesOf(field, fresh) };
}

/** Once in peace; then again and again under fire. @param {Field} field @param {string} path */
async function walkPath(field, path) {
  const { reaper, say, stack } = field;
  const { end, goodEnds, activities } = await walkInPeace(field, path);
  const every = MOMENTS.flatMap((moment) => activities.map((activity) => ({ activity, moment })));
  const cells = field.cells >= every.length ? every : spread(activities, field.cells);
  say(`${path}: ends ${end}; ${activities.length} activities, ${cells.length} moments`);
  reaper.want(cells);
  await stack.parts.get(WORKER)?.kill();
  for (let round = 0, known = -1; round < MOST_ROUNDS && isOpen(reaper, known); round += 1) {
    known = reaper.met().length;
    await walkMany(field, path, Math.min(BOOKINGS_A_ROUND, reaper.wanted().length));
    await rest(field);
    say(`${path}: ${reaper.met().length} deaths, ${reaper.wanted().length} moments not met`);
  }
  await ask(`${field.world.urls.stripe}/_sim/faults`, { method: 'DELETE' });
  const { ends, findings, unexplained } = await endsOf(field);
  const met = reaper.met();
  const asked = (/** @type {string} */ activity, /** @type {Moment} */ moment) =>
    cells.some((cell) => cell.activity === activity && cell.moment === moment);
  const wrong = new Set(findings.map(({ booking }) => booking));
  /** @param {Cell} cell @returns {CellState} */
  const stateOf = ({ activity, moment }) => {
    const here = met.find((cell) => cell.activity === activity && cell.moment === moment);
    if (!here) return moment === 'inside' || !asked(activity, moment) ? 'never' : 'broken';
    const booking = here.workflowId.replace(/^booking-/, '');
    const isLate = !here.workflowId.startsWith('booking-');
    if (!wrong.has(booking) && (isLate || goodEnds.has(ends.get(booking)))) return 'ended';
    say(`${path}: ${booking} ended ${ends.get(booking)}, after a death ${moment} ${activity}`);
    return 'broken';
  };
  const rows = activities.map((activity) => ({
    path,
    activity,
    before: stateOf({ activity, moment: 'before' }),
    inside: stateOf({ activity, moment: 'inside' }),
    after: stateOf({ activity, moment: 'after' }),
    reported: stateOf({ activity, moment: 'reported' }),
  }));
  return { rows, findings, unexplained, deaths: met.length };
}

/** A sample that goes along the path and round the moments. @param {readonly string[]} activities @param {number} count @returns {Cell[]} */
const spread = (activities, count) =>
  Array.from({ length: count }, (_, k) => ({
    activity: activities[Math.floor((k * activities.length) / count)] ?? '',
    moment: MOMENTS[k % MOMENTS.length] ?? 'before',
  }));

/** Until a round brings nothing new. @param {Reaper} reaper @param {number} before how many were met by then */
const isOpen = (reaper, before) => reaper.wanted().length > 0 && reaper.met().length > before;

/** @param {Field} field @param {string} path @param {number} count */
async function walkMany(field, path, count) {
  const walk = PATHS[path];
  if (!walk) throw new GaveUp(`there is no path ${path}: there are ${Object.keys(PATHS).join(', ')}`);
  const ids = await Promise.all(
    Array.from({ length: count }, async () => {
      await sleep(0);
      return walk(field, field.next()).catch((error) => {
        if (!(error instanceof GaveUp)) throw error;
        field.say(`${path}: a customer gave up: ${error.message}`);
        return undefined;
      });
    }),
  );
  return ids.filter((id) => id !== undefined);
}

/** @param {Field} field */
async function rest({ stack, world, say }) {
  const { atRest } = await untilAtRest(stack, { staff: world.staff, say, withinMs: RESTS_WITHIN_MS });
  if (!atRest) say('it does not come to rest');
}

/** @param {Field} field */
async function endsOf({ stack, over }) {
  const books = await readBooks(stack);
  const { findings: all, unexplained } = compareBooks(books);
  const findings = all.filter(({ booking, evidence }) => !over.has(booking) || !evidence.includes('TERMINATED'));
  const ends = new Map(books.ours.bookings.map(({ id, phase }) => [id, phase]));
  return { ends, findings, unexplained };
}

/** As their histories have them, and that of the late money for them. @param {Field} field @param {readonly string[]} bookingIds */
const activitiesOf = ({ env }, bookingIds) =>
  withTemporal(env, async (client) => {
    /** @type {Set<string>} */
    const types = new Set();
    const ids = bookingIds.map((id) => `"booking-${id}"`).join(', ');
    const query = `WorkflowId IN (${ids}) OR WorkflowType = "latePaymentWorkflow"`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of events ?? []) {
        const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
        if (name) types.add(name);
      }
    }
    return [...types];
  });
