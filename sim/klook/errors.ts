// Klook's error bodies as agreed for this project: the word in `error.code`; v3 adds status, help and a trace id.
import type { Fault } from '../faults.ts';
import { randomText } from '../random.ts';
import { json } from '../reply.ts';
import type { Reply } from '../reply.ts';

export type Code =
  | 'INVALID_PARAMS'
  | 'UNAUTHORIZED'
  | 'NOT_FOUND'
  | 'ORDER_NOT_FOUND'
  | 'DUPLICATE_AGENT_ORDER_ID'
  | 'SOLD_OUT'
  | 'PRICE_CHANGED'
  | 'NOT_AVAILABLE'
  | 'INSUFFICIENT_BALANCE'
  | 'ORDER_ALREADY_PAID'
  | 'ORDER_EXPIRED'
  | 'ORDER_CLOSED'
  | 'NOT_CONFIRMED'
  | 'NOT_CANCELLABLE'
  | 'CANCEL_NOT_APPLIED';

/** Thrown anywhere below an endpoint, turned into the answer at its top. */
export class KlookError extends Error {
  readonly status: number;
  readonly code: Code;
  readonly details: unknown[];
  /** More fields beside `error`, such as the number of the order that exists already. */
  readonly extra: Record<string, unknown>;

  constructor(
    failure: { status: number; code: Code; details?: unknown[]; extra?: Record<string, unknown> },
    message: string,
  ) {
    super(message);
    this.status = failure.status;
    this.code = failure.code;
    this.details = failure.details ?? [];
    this.extra = failure.extra ?? {};
  }
}

export function invalid(message: string): KlookError {
  return new KlookError({ status: 400, code: 'INVALID_PARAMS' }, message);
}

export function unavailable(code: 'SOLD_OUT' | 'NOT_AVAILABLE', message: string): KlookError {
  return new KlookError({ status: 400, code }, message);
}

export function errorReply(error: unknown, path: string): Reply {
  if (error instanceof KlookError) {
    const details = error.details.length > 0 ? { details: error.details } : {};
    return body(path, { status: error.status, code: error.code, message: error.message, details, extra: error.extra });
  }
  console.error('klook stand-in: unexpected', error);
  return body(path, { status: 500, code: 'INTERNAL_ERROR', message: 'internal error', details: {}, extra: {} });
}

export function faultReply(fault: Fault, path: string): Reply {
  const word = { 429: 'RATE_LIMITED', 503: 'MAINTENANCE', 504: 'TIMEOUT' }[fault.status];
  const reply = body(path, {
    status: fault.status,
    code: fault.code || word || 'INTERNAL_ERROR',
    message: 'asked for by a fault of this stand-in',
    details: {},
    extra: {},
  });
  return { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

type Failure = {
  status: number;
  code: string;
  message: string;
  details: object;
  extra: Record<string, unknown>;
};

function body(path: string, { status, code, message, details, extra }: Failure): Reply {
  const error = path.startsWith('/v2')
    ? { code, message, ...details }
    : { code, status, message, help: '', trace_id: randomText(24), ...details };
  return json(status, { success: false, ...extra, error });
}
