// What `npm run recover` is told.
import { parseArgs } from 'node:util';

export interface Asked {
  readonly since: Date;
  readonly apply: boolean;
}

const USAGE =
  'Say since when the database may lack something, with --since <moment or age>: --since 2026-11-21T09:30:00Z or --since 2h. ' +
  'The moment at which the backup was made is right, an earlier one is safe. Without --apply nothing is written.';

const AGE = /^(?<count>\d{1,6})(?<unit>[smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** With its zone: a moment that is read in another one than it was meant in loses hours of bookings. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A text is why not. */
export function readArguments(args: readonly string[], now: Date): Asked | string {
  const read = optionsIn(args);
  if (typeof read === 'string') return read;
  if (read.since === undefined) return USAGE;
  const since = momentIn(read.since, now);
  if (since === undefined) return `--since ${read.since} is no moment that I know. ${USAGE}`;
  if (since.getTime() >= now.getTime()) return `--since ${read.since} is not in the past.`;
  return { since, apply: read.apply };
}

function optionsIn(args: readonly string[]): { since: string | undefined; apply: boolean } | string {
  try {
    const options = { since: { type: 'string' }, apply: { type: 'boolean', default: false } } as const;
    const { since, apply } = parseArgs({ args: [...args], options }).values;
    return { since, apply };
  } catch (error) {
    return `${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'That cannot be read.'} ${USAGE}`;
  }
}

function momentIn(text: string, now: Date): Date | undefined {
  const age = AGE.exec(text)?.groups;
  if (age) return new Date(now.getTime() - Number(age['count']) * (UNIT_MS[age['unit'] ?? ''] ?? 0));
  const at = MOMENT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at);
}
