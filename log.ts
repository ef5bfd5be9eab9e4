// One JSON line per event. What could open a door or name a person never reaches a line.
import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  'stripe-signature',
  'x-signature',
  'token',
  'secret',
  'clientSecret',
];
/** Where a careless line would carry them; wildcards would be looked for in every line. */
const SECRET_PATHS = ['', 'headers', 'request', 'body'].flatMap((holder) =>
  SECRET_FIELDS.map((name) => `${holder}["${name}"]`),
);
const REMOVED = '[removed]';

export interface LogOptions {
  readonly level: string;
  /** Which of our processes speaks: api, worker, background. */
  readonly process: string;
  readonly destination?: DestinationStream;
}

export function createLog({ level, process, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { process },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: REMOVED },
    serializers: { err: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
}

interface ErrorLine {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack: string | undefined;
  readonly cause?: ErrorLine | string;
}

/** A failed query carries its parameters, and those are people's names: only the first line of a message is kept, without addresses. */
function describeError(error: unknown): ErrorLine | string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : 'not an error';
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: error.name, message: firstLine(error.message), ...code, stack: framesOf(error), ...cause };
}

const firstLine = (text: string): string => (text.split('\n', 1)[0] ?? '').replaceAll(ADDRESS, '[address]');

/** Mail servers say in their refusals whom they refuse. */
const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;

const framesOf = (error: Error): string | undefined =>
  error.stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
