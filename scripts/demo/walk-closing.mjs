// @ts-check
// The end of a walk: every booking at rest, its books, what other services hear of it, where to look further.
import { setTimeout as sleep } from 'node:timers/promises';

import { readBooks, readOutbox } from './books.mjs';
import { showLedger } from './closing.mjs';
import { checksOfWalk, feesOf } from './walk-ending.mjs';
import { spaced } from './wire.mjs';
import { GATEWAY_NAMES } from './wording.mjs';

const TOLD_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** @typedef {import('./walk.mjs').Walking} Walking */
/** @typedef {import('./walk.mjs').Ended} Ended */
/** @typedef {import('./walk.mjs').WalkSeen} WalkSeen */
/** @typedef {import('./books.mjs').ToldFact} ToldFact */
/** @typedef {import('./ending.mjs').Check} Check */

/**
 * @param {Walking} walking
 * @param {readonly Ended[]} ended
 * @returns {Promise<Check[]>}
 */
export async function closeWalk(walking, ended) {
  const rested = [];
  for (const each of ended) {
    const { followed, ending } = each;
    const seen = await followed.until({ what: `${ending.name} to be ${ending.status}`, holds: isAtRest(ending) });
    rested.push({ ...each, seen });
  }
  const checks = [];
  for (const each of rested) checks.push(...(await closeOne(walking, each)));
  showWhere(walking, rested);
  return checks;
}

/**
 * With the fee of every payment.
 * @param {import('./walk.mjs').Ending} ending
 * @returns {(seen: WalkSeen) => boolean}
 */
const isAtRest =
  ({ status, captured, refunded, intentIds }) =>
  ({ booking, facts }) =>
    booking.status === status &&
    booking.refunded === refunded &&
    (captured === 0 || feesOf(facts).size >= intentIds.length);

/** @typedef {Ended & { seen: WalkSeen }} Rested */

/**
 * @param {Walking} walking
 * @param {Rested} rested
 */
async function closeOne({ gateway, screen, stack, standIns }, { followed, ending, seen, also = [] }) {
  const [postings, charges, told] = await Promise.all([
    readBooks(stack, followed.id),
    Promise.all(ending.intentIds.map((id) => standIns[gateway].chargesOf(id))),
    untilTold(stack, { bookingId: followed.id, topics: ending.topics }),
  ]);
  screen.section(`${ending.name}, ${seen.booking.number}, ${seen.booking.status}`);
  if (postings.length === 0) screen.write('  no money moved, so nothing is in the books');
  else showLedger(screen, postings);
  const hasKafka = tellsKafka(stack);
  if (told.length > 0) showTold(screen, told, hasKafka);
  return [...checksOfWalk({ gateway, ending, seen, postings, charges: charges.flat(), told, hasKafka }), ...also];
}

/** @param {import('./stack.mjs').Stack} stack */
const tellsKafka = ({ env }) => Boolean(env['KAFKA_BROKERS']);

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {{ bookingId: string, topics: readonly string[] }} awaited
 * @returns {Promise<ToldFact[]>} those there are when all is told, or when there was time enough
 */
async function untilTold(stack, { bookingId, topics }) {
  const deadline = Date.now() + TOLD_WITHIN_MS;
  for (;;) {
    const told = await readOutbox(stack, bookingId);
    const isDone = told.length >= topics.length && told.every(({ sent }) => sent || !tellsKafka(stack));
    if (isDone || Date.now() > deadline) return told;
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * @param {import('./screen.mjs').Screen} screen
 * @param {readonly ToldFact[]} told
 * @param {boolean} hasKafka
 */
function showTold(screen, told, hasKafka) {
  screen.section(hasKafka ? 'Told to Kafka' : 'For Kafka; without KAFKA_BROKERS it waits in the outbox');
  for (const { topic, key, payload } of told) {
    screen.write(`  ${topic}  key ${key}`);
    screen.wire('>', spaced(payload));
  }
}

/** @param {Walking} walking @param {readonly Rested[]} rested */
function showWhere({ gateway, screen, stack, standIns }, rested) {
  const { temporalUi } = stack.urls;
  const namespace = stack.env['TEMPORAL_NAMESPACE'] ?? 'default';
  const letters = new Set(rested.flatMap(({ seen }) => seen.letters.map(({ id }) => standIns.mail.pageOf(id))));
  screen.section(stack.ours ? 'To look further: npm start, then' : 'To look further');
  screen.facts([
    ...(temporalUi
      ? rested.map(({ followed }) =>
          pair('workflow', `${temporalUi}/namespaces/${namespace}/workflows/booking-${followed.id}`),
        )
      : []),
    ...[...letters].map((page) => pair('letter', page)),
    pair(GATEWAY_NAMES[gateway], `${stack.urls[gateway]}/_sim`),
  ]);
}

/** @param {string} label @param {string} value @returns {readonly [string, string]} */
const pair = (label, value) => [label, value];
