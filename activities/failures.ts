// What Temporal should do about a failure: try again (and when), or stop and let the workflow park.
import { ApplicationFailure } from '@temporalio/common';
import { ImpossibleFact } from '../domain/impossible-fact.ts';
import { GatewayRejected, GatewayUnreachable } from '../domain/payment.ts';
import { SupplierRejected, SupplierUnreachable } from '../domain/supply.ts';

/** Nothing is wrong, the other side is simply not done: asked again later, without history growing. */
export function notYet(what: string, nextRetryDelayMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'not_yet',
    message: what,
    nextRetryDelay: nextRetryDelayMs,
    category: 'BENIGN',
  });
}

export interface Patience {
  /** When the waiting began, in ms. */
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly patienceMs: number;
  readonly delayMs: number;
}

/** Not yet, for as long as that is nothing to worry about; then a failure that brings staff, while it is asked on. */
export function notYetUnless(what: string, { sinceMs, nowMs, patienceMs, delayMs }: Patience): ApplicationFailure {
  if (nowMs - sinceMs < patienceMs) return notYet(what, delayMs);
  return needsStaff(what, delayMs);
}

/** Brings staff, while it is asked on. */
export const needsStaff = (what: string, nextRetryDelayMs: number): ApplicationFailure =>
  ApplicationFailure.create({ type: 'overdue', message: what, nextRetryDelay: nextRetryDelayMs });

/** Only the kind of the failure goes on: a vendor's or a database's words may quote what is personal. */
function asFailure(error: unknown): unknown {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof GatewayRejected || error instanceof SupplierRejected)
    return ApplicationFailure.create({
      type: error.name,
      message: `our request itself is refused: ${error.code}`,
      // Encrypted in the history, and nowhere else: what they say may quote what we sent.
      details: [error.message],
      nonRetryable: true,
    });
  if (error instanceof ImpossibleFact)
    return ApplicationFailure.create({ type: error.name, message: error.message, nonRetryable: true });
  if (error instanceof GatewayUnreachable || error instanceof SupplierUnreachable) {
    const delay = error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs };
    return ApplicationFailure.create({ type: error.name, message: error.message, ...delay });
  }
  const name = error instanceof Error ? error.name : 'UnknownFailure';
  return ApplicationFailure.create({ type: name, message: error instanceof Error ? firstLine(error.message) : name });
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 200);

/** Every verb leaves through the same door, whatever went wrong inside. */
export function guarded<T extends Record<string, (input: never) => Promise<unknown>>>(verbs: T): T {
  const wrap = (verb: (input: never) => Promise<unknown>) => async (input: never) => {
    try {
      return await verb(input);
    } catch (error) {
      throw asFailure(error);
    }
  };
  // The wrapper has each verb's own signature; only Object.fromEntries forgets which is which.
  return Object.fromEntries(Object.entries(verbs).map(([name, verb]) => [name, wrap(verb)])) as T;
}
