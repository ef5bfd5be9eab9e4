// What the programs for operators are told, and how they end when they do nothing.
import { parseArgs } from 'node:util';
import { PATIENCE } from '../domain/invariants.ts';
import type { Patience } from '../domain/invariants.ts';

export interface Unasked {
  readonly kind: 'usage' | 'refused';
  readonly words: string;
}
export type Reading<Asked> = { readonly kind: 'asked'; readonly asked: Asked } | Unasked;

const REFUSED = 2;

/** Whatever `read` throws is why not. */
export function readingOf<Asked>(
  args: readonly string[],
  { usage, read }: { readonly usage: string; readonly read: () => Asked },
): Reading<Asked> {
  if (args.includes('--help')) return { kind: 'usage', words: usage };
  try {
    return { kind: 'asked', asked: read() };
  } catch (error) {
    return { kind: 'refused', words: `${firstLineOf(error)}\n\n${usage}` };
  }
}

export interface CheckAsked {
  readonly scope: 'recent' | 'all';
  readonly json: boolean;
  readonly patience: Patience;
}

const CHECK_USAGE = `npm run check -- [--recent] [--json] [--grace SECONDS]

Holds our books against themselves, the gateways, the supplier and Temporal, and prints money_unexplained and what it found.
--recent: only what changed in the last 48 hours, is under way, or was found wrong before
--json: the same as one line of JSON
--grace: how long a booking must have stood still to be judged as at rest: ${PATIENCE.restMs / 1_000}, or less
Ends with 0 when all is explained and was read, with 1 when not, with 2 when it could not look.`;

export function readCheck(args: readonly string[]): Reading<CheckAsked> {
  const read = (): CheckAsked => {
    const flag = { type: 'boolean', default: false } as const;
    const options = { recent: flag, json: flag, grace: { type: 'string' } } as const;
    const { recent, json, grace } = parseArgs({ args: [...args], options }).values;
    return { scope: recent ? 'recent' : 'all', json, patience: patienceOf(grace) };
  };
  return readingOf(args, { usage: CHECK_USAGE, read });
}

function patienceOf(grace: string | undefined): Patience {
  if (grace === undefined) return PATIENCE;
  if (!/^\d{1,9}(\.\d+)?$/.test(grace)) throw new Error(`--grace takes seconds, not "${grace}".`);
  const graceMs = Number(grace) * 1_000;
  // What is not judged is not found again, and would end as explained.
  if (graceMs > PATIENCE.restMs) throw new Error(`--grace takes ${PATIENCE.restMs / 1_000} seconds at most.`);
  return { ...PATIENCE, restMs: graceMs, newsMs: Math.min(graceMs, PATIENCE.newsMs) };
}

const ROTATE_USAGE = `npm run rotate-keys

After a new master key was put in front in ENCRYPTION_KEY: wraps every data key anew by it, and says when the old one may go.
Ends with 0 once nothing needs the old key, with 1 while a key is missing, with 2 when it refuses.`;

export function readRotateKeys(args: readonly string[]): Reading<object> {
  return readingOf(args, { usage: ROTATE_USAGE, read: () => parseArgs({ args: [...args], options: {} }).values });
}

export function endUnasked({ kind, words }: Unasked): never {
  if (kind === 'refused') refuse(words);
  console.log(words);
  process.exit(0);
}

export function refuse(why: string): never {
  console.error(why);
  process.exit(REFUSED);
}

/** Nothing is known then: not that something is wrong either. */
export function couldNotLook(error: unknown): never {
  const isTemporal = error instanceof Error && error.name === 'ServiceError';
  if (!isTemporal) console.error(error);
  refuse(`${isTemporal ? `Temporal does not answer: ${firstLineOf(error)}. ` : ''}It broke off: run it again.`);
}

const firstLineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
