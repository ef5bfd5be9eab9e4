// @ts-check
// `npm run drill`: a product of its own under attack, until it stops by itself with a report.
import { setTimeout as sleep } from 'node:timers/promises';

import { PlainFailure, runMain } from '../parts/failure.mjs';
import { endEverything } from '../parts/processes.mjs';
import { elapsed } from '../parts/progress.mjs';
import { readBooks } from './books.mjs';
import { createChaos } from './chaos.mjs';
import { isGreen } from './checker.mjs';
import { compareBooks } from './compare.mjs';
import { visitAs } from './customers/visit.mjs';
import { answerDisputes } from './disputes.mjs';
import { runMatrix } from './matrix.mjs';
import { optionsFrom, USAGE } from './options.mjs';
import { endStatesOf, keepReport, linesOf, linesOfMatrix, outcomesOf } from './report.mjs';
import { untilAtRest } from './rest.mjs';
import { scriptOf } from './script.mjs';
import { startStack } from './stack.mjs';
import { openWorld } from './world.mjs';

/** Whoever is still at it so long after the last one came is left behind. */
const STRAGGLERS_MS = 240_000;
const RESTS_WITHIN_MS = 480_000;
const SAY_EVERY_MS = 10_000;
const BROKEN_OFF = 130;

/** @param {readonly string[]} args */
export async function runDrill(args) {
  await runMain(async () => {
    const options = optionsFrom(args);
    if (options.help) {
      console.log(USAGE);
      return 0;
    }
    if (options.matrix) return crash(options);
    const report = await drill(options);
    if (report === undefined) return BROKEN_OFF;
    for (const line of linesOf(report)) console.log(line);
    await keepReport(options.report, report);
    return report.passed ? 0 : 1;
  });
  // Whatever still waits in some callback must not keep the terminal.
  process.exit();
}

/** @param {import('./options.mjs').Options} options @returns {Promise<number>} the exit code */
async function crash({ paths, cells, report: file }) {
  const matrix = await Promise.race([runMatrix({ paths, cells, say }), stopAsked()]);
  await endEverything();
  if (matrix === undefined) return BROKEN_OFF;
  for (const line of linesOfMatrix(matrix)) console.log(line);
  await keepReport(file, matrix);
  return matrix.passed ? 0 : 1;
}

const say = (/** @type {string} */ line) => console.log(`${elapsed().padStart(6)}  ${line}`);

/**
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<import('./report.mjs').Report | undefined>} nothing when it was broken off
 */
async function drill({ windowS, keep, ...options }) {
  const asked = stopAsked();
  const script = scriptOf(options);
  const { seed, digest, customers } = script;
  say(`seed ${seed}, script ${digest}: ${customers.length} customers in ${options.minutes.toFixed(1)} min`);
  const stack = await startStack({ windowS, kafkaIsAway: options.faults.includes('kafka') });
  let isEvidence = true;
  try {
    say(`the stack is up, ${stack.dir}`);
    const report = await Promise.race([attack(stack, script, windowS), asked]);
    isEvidence = keep || report?.passed === false;
    return report;
  } finally {
    await stack.stop({ keep: isEvidence });
    await endEverything();
    if (isEvidence) say(`what the parts said is left in ${stack.dir}/logs`);
  }
}

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {import('./script.mjs').Script} script
 * @param {number} windowS
 * @returns {Promise<import('./report.mjs').Report>}
 */
async function attack(stack, script, windowS) {
  const world = await openWorld(stack, { seed: script.seed, windowS });
  const chaos = createChaos(stack, say);
  const defence = answerDisputes(world);
  const began = Date.now();
  const visits = await visitAll(world, script, () => chaos.run(script.faults, began));
  await chaos.end();
  const attacked = Date.now();
  say('the faults are over');
  await untilUp(stack);
  const withinMs = RESTS_WITHIN_MS + windowS * 1_000;
  const resting = { staff: world.staff, say, withinMs };
  const first = await untilAtRest(stack, resting);
  // What the product's own runs find every quarter of an hour: it must mend by itself what it can.
  const toMend = await stack.check();
  say(`${toMend.findings.length} things that the checker found are left to the product to mend`);
  const { atRest, staffActs, tookMs } = toMend.findings.length === 0 ? first : await untilAtRest(stack, resting);
  await defence.stop();
  const books = await readBooks(stack);
  const { findings, checked, unexplained } = compareBooks(books);
  const checker = await stack.check();
  const parts = [...stack.parts.values()];
  return {
    seed: script.seed,
    digest: script.digest,
    customers: script.customers.length,
    outcomes: outcomesOf(visits),
    endStates: endStatesOf(books.ours),
    faults: chaos.counts,
    staffActs: { ...first.staffActs, ...staffActs, 'disputes answered': defence.answered.length },
    atRest,
    checked,
    findings,
    unexplained,
    mended: toMend.findings.map(({ bookingId, invariant, kind }) => `${bookingId ?? 'house'}: ${invariant} ${kind}`),
    checker,
    oddities: world.oddities,
    gaveUp: visits.flatMap(({ n, outcome }) => (outcome.includes(': ') ? `customer ${n} ${outcome}` : [])),
    unaskedDeaths: parts.flatMap(({ unasked }) => unasked),
    tookMs: { attack: attacked - began, rest: first.tookMs + (toMend.findings.length === 0 ? 0 : tookMs) },
    passed: atRest && findings.length + world.oddities.length === 0 && isGreen(checker),
  };
}

/**
 * @param {import('./world.mjs').World} world
 * @param {import('./script.mjs').Script} script
 * @param {() => Promise<void>} attacks
 */
async function visitAll(world, { customers, lastsMs }, attacks) {
  const began = Date.now();
  /** @type {import('./customers/visit.mjs').Visited[]} */
  const visits = [];
  const timer = setInterval(() => say(`${visits.length} of ${customers.length} customers have gone`), SAY_EVERY_MS);
  try {
    const all = customers.map(async (customer) => void visits.push(await visitAs(world, customer, began)));
    const everything = Promise.all([...all, attacks()]);
    await Promise.race([everything, sleep(lastsMs + STRAGGLERS_MS, undefined, { ref: false })]);
  } finally {
    clearInterval(timer);
  }
  return visits;
}

/** Whoever was killed last is on its way up. @param {import('./stack.mjs').Stack} stack */
async function untilUp({ parts }) {
  for (let tries = 0; tries < 120; tries += 1) {
    if ([...parts.values()].every((part) => part.isUp())) return;
    await sleep(500);
  }
  const down = [...parts.values()].filter((part) => !part.isUp()).map(({ name }) => name);
  throw new PlainFailure(`These did not come back after they were killed: ${down.join(', ')}.`);
}

/** @returns {Promise<undefined>} when somebody wants it to end */
function stopAsked() {
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => resolve(undefined));
  });
}
