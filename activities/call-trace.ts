// What is known of a call that moves something at the supplier, and when it may be made again.
import { callBegins, callEndedUnknown } from '../db/supplier-calls.ts';
import type { CallKind, CallTrace } from '../db/supplier-calls.ts';
import { SupplierUnreachable } from '../domain/supply.ts';
import type { Deps } from './deps.ts';
import { notYet } from './failures.ts';

/** How long a call may still be under way after its caller is known to be gone. */
const CALL_LIMIT_MS = 15_000;
/** After its end, until what it did can be seen. */
export const SETTLE_MS = 5_000;

export function waitUntilSettled({ calledAt, endedAt }: CallTrace, now: Date): void {
  const ended = endedAt?.getTime() ?? (calledAt?.getTime() ?? 0) + CALL_LIMIT_MS;
  const waitMs = ended + SETTLE_MS - now.getTime();
  if (waitMs > 0) throw notYet('the last call may still take effect', waitMs);
}

interface TracedCall {
  readonly orderId: string;
  readonly call: CallKind;
}

/** Leaves the trace, makes the one call, and notes its end when no answer came. */
export async function traced<T>(deps: Deps, { orderId, call }: TracedCall, make: () => Promise<T>): Promise<T> {
  await callBegins(deps.db, orderId, { call, at: deps.clock() });
  try {
    return await make();
  } catch (error) {
    if (error instanceof SupplierUnreachable) await callEndedUnknown(deps.db, orderId, { call, at: deps.clock() });
    throw error;
  }
}
