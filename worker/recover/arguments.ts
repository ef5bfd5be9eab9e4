// What `npm run recover` is told.
import { parseArgs } from 'node:util';
import { readingOf } from '../arguments.ts';
import type { Reading } from '../arguments.ts';

export interface Asked {
  readonly since: Date;
  readonly apply: boolean;
}

const USAGE = `npm run recover -- --since MOMENT|AGE [--apply]

Rebuilds our books, from what Temporal and the vendors know, on an old backup: docs/recover.md.
--since: since when the database may lack something: 2026-11-21T09:30:00Z or 2h. The moment of the backup is right, an earlier one is safe
--apply: writes. Without --apply nothing is written
Ends with 0 when nothing is missing or all was written, with 1 while something is open, with 2 when it refuses.`;

const AGE = /^(?<count>\d{1,6})(?<unit>[smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** With its zone: a moment that is read in another one than it was meant in loses hours of bookings. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

export function readArguments(args: readonly string[], now: Date): Reading<Asked> {
  const read = (): Asked => {
    const options = { since: { type: 'string' }, apply: { type: 'boolean', default: false } } as const;
    const { since, apply } = parseArgs({ args: [...args], options }).values;
    if (since === undefined) throw new Error('Say since when the database may lack something.');
    return { since: pastIn(since, now), apply };
  };
  return readingOf(args, { usage: USAGE, read });
}

function pastIn(text: string, now: Date): Date {
  const since = momentIn(text, now);
  if (since === undefined) throw new Error(`--since ${text} is no moment that I know.`);
  if (since.getTime() >= now.getTime()) throw new Error(`--since ${text} is not in the past.`);
  return since;
}

function momentIn(text: string, now: Date): Date | undefined {
  const age = AGE.exec(text)?.groups;
  if (age) return new Date(now.getTime() - Number(age['count']) * (UNIT_MS[age['unit'] ?? ''] ?? 0));
  const at = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at);
}
