// Tells other services what happened: facts from the outbox to Kafka, in order per key, at least once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Publisher, Publishing } from '../adapters/kafka.ts';
import { dueFacts, markTold, postponeFact } from '../db/outbox.ts';
import type { DueFact, Lane } from '../db/outbox.ts';
import { takeTurn } from '../db/turn.ts';
import type { Turn } from '../db/turn.ts';
import type { Logger } from '../log.ts';
import type { Running } from './periodic.ts';
import { createTidings } from './tidings.ts';
import type { Tidings } from './tidings.ts';

export interface PublicationDeps {
  readonly databaseUrl: string;
  readonly createPublisher: () => Publisher;
  readonly log: Logger;
}

/** Each lane has its own keys, its own publisher and its own turn: one that hangs delays no other. */
const LANES = 4;
const AT_ONCE = 100;
const LOCK = 7_240_912;

const LOOK_EVERY_MS = 500;
/** How soon another process goes on where one has died. */
const ASK_FOR_TURN_EVERY_MS = 3_000;
const SHORTEST_DELAY_MS = 500;
const LONGEST_OUTAGE_DELAY_MS = 10_000;
const LONGEST_REFUSAL_DELAY_MS = 300_000;
/** What Kafka may still have to answer when we are told to stop. */
const LAST_ANSWER_MS = 3_000;

export function startPublications(deps: PublicationDeps): Running {
  const closing = new AbortController();
  const tidings = createTidings(deps.log);
  const lanes = Array.from({ length: LANES }, (_, number) =>
    runLane({
      ...deps,
      tidings,
      lane: { number, of: LANES },
      publisher: deps.createPublisher(),
      closing: closing.signal,
    }),
  );
  return {
    stop: async () => {
      closing.abort();
      await Promise.all(lanes);
    },
  };
}

interface LaneDeps extends PublicationDeps {
  readonly tidings: Tidings;
  readonly lane: Lane;
  readonly publisher: Publisher;
  readonly closing: AbortSignal;
}

async function runLane(deps: LaneDeps): Promise<void> {
  const { publisher, closing } = deps;
  const giveUp = (): void => void setTimeout(() => void publisher.close(), LAST_ANSWER_MS).unref();
  closing.addEventListener('abort', giveUp);
  let turn: Turn | undefined;
  let silences = 0;
  while (!closing.aborted) {
    const round = await oneRound(deps, turn);
    turn = round.turn;
    silences = round.kind === 'silence' ? silences + 1 : 0;
    await rest(pauseAfter(round, silences), closing);
  }
  await Promise.all([publisher.close(), turn?.end()]);
}

type Round = { readonly turn: Turn | undefined } & (
  | { readonly kind: 'not_our_turn' | 'nothing_due' | 'progress' }
  /** Database or Kafka did not answer. */
  | { readonly kind: 'silence' }
);

async function oneRound(deps: LaneDeps, held: Turn | undefined): Promise<Round> {
  const { databaseUrl, lane, tidings } = deps;
  let turn = held;
  try {
    turn ??= await takeTurn({
      databaseUrl,
      lock: [LOCK, lane.number],
      applicationName: `holdfast-lane-${lane.number}`,
    });
    tidings.works('the database');
    if (!turn) return { turn, kind: 'not_our_turn' };
    const facts = await dueFacts(turn.db, lane, AT_ONCE);
    if (facts.length === 0) return { turn, kind: 'nothing_due' };
    return { turn, kind: await tellAll(facts, turn, deps) };
  } catch (err) {
    tidings.broke('the database', { err });
    await turn?.end();
    return { turn: undefined, kind: 'silence' };
  }
}

/** One key stands here once at most, so that whatever is repeated is repeated before its key's next fact. */
async function tellAll(facts: readonly DueFact[], turn: Turn, deps: LaneDeps): Promise<'progress' | 'silence'> {
  let answered = false;
  for (const fact of facts) {
    if (deps.closing.aborted) break;
    const { topic, key, payload } = fact;
    const outcome = await deps.publisher.publish({ topic, key, value: JSON.stringify(payload) });
    await writeDown(fact, outcome, turn);
    report(deps.tidings, topic, outcome);
    if (outcome.kind === 'unanswered') break;
    answered = true;
  }
  return answered ? 'progress' : 'silence';
}

function writeDown({ id, attempts }: DueFact, outcome: Publishing, { db }: Turn): Promise<void> {
  if (outcome.kind === 'accepted') return markTold(db, id);
  const longest = outcome.kind === 'refused' ? LONGEST_REFUSAL_DELAY_MS : LONGEST_OUTAGE_DELAY_MS;
  return postponeFact(db, id, { ms: delayMs(attempts, longest), error: outcome.reason });
}

function report(tidings: Tidings, topic: string, outcome: Publishing): void {
  if (outcome.kind === 'unanswered') return tidings.broke('Kafka', { reason: outcome.reason });
  tidings.works('Kafka');
  if (outcome.kind === 'accepted') tidings.works(`topic ${topic}`);
  else tidings.broke(`topic ${topic}`, { reason: outcome.reason });
}

function pauseAfter({ kind }: Round, silences: number): number {
  if (kind === 'progress') return 0;
  if (kind === 'silence') return delayMs(silences - 1, LONGEST_OUTAGE_DELAY_MS);
  return kind === 'not_our_turn' ? ASK_FOR_TURN_EVERY_MS : LOOK_EVERY_MS;
}

const delayMs = (failures: number, longest: number): number => Math.min(longest, SHORTEST_DELAY_MS * 2 ** failures);

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
