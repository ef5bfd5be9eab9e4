// What is known of a call that moves something at the supplier, and when it may be made again.
import { callBegins, callEnded } from '../db/supplier-calls.ts';
import type { CallKind, CallTrace } from '../db/supplier-calls.ts';
import { SupplierUnreachable } from '../domain/supply.ts';
import type { Deps } from './deps.ts';
import { notYet } from './failures.ts';

/** How long a call may still be under way after its caller is known to be gone. */
const CALL_LIMIT_MS = 15_000;
/** Within this of its trace a call is begun, or not at all: with the 12 s that the client gives it, that is the limit above. */
const TRACE_LIVES_MS = 3_000;
/** After its end, until what it did can be seen. */
export const SETTLE_MS = 5_000;

/** `asOf`: when the look that is to prove something was begun, or will be. */
export function waitUntilSettled({ calledAt, endedAt }: CallTrace, asOf: Date): void {
  const ended = endedAt?.getTime() ?? (calledAt?.getTime() ?? 0) + CALL_LIMIT_MS;
  const waitMs = ended + SETTLE_MS - asOf.getTime();
  if (waitMs > 0) throw notYet('the last call may still take effect', waitMs);
}

interface TracedCall {
  readonly orderId: string;
  readonly call: CallKind;
  /** The last call that the decision to make this one rests on. */
  readonly since: Date | null;
}

interface Traced<T> {
  readonly answer: T;
  readonly calledAt: Date;
}

/** Leaves the trace, makes the one call, and notes its end when no answer came. Of tries that overlap one calls. */
export async function traced<T>(
  deps: Deps,
  { orderId, call, since }: TracedCall,
  make: () => Promise<T>,
): Promise<Traced<T>> {
  const calledAt = deps.clock();
  const isOurs = await callBegins(deps.db, orderId, { call, at: calledAt, since });
  if (!isOurs) throw notYet('another try has called meanwhile, or the order is over', SETTLE_MS);
  try {
    // Later it might still be under way when its trace says that it has ended.
    if (deps.clock().getTime() - calledAt.getTime() > TRACE_LIVES_MS)
      throw new SupplierUnreachable('the call was not begun in time, and not made');
    return { answer: await make(), calledAt };
  } catch (error) {
    if (error instanceof SupplierUnreachable) await callEnded(deps.db, orderId, { call, calledAt, at: deps.clock() });
    throw error;
  }
}
