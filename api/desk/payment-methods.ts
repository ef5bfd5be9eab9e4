// What can be paid with at the shop: the gateway's own list, asked for seldom and kept for all.
import type { MethodOffered } from '../../domain/payment.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import { VisibleError } from '../errors.ts';
import { canonicalJson, hashOf } from '../http/canonical.ts';
import type { Desk } from './desk.ts';

export interface OfferedMethods {
  readonly methods: readonly MethodOffered[];
  readonly etag: string;
  readonly maxAgeS: number;
}

interface Kept {
  readonly methods: readonly MethodOffered[];
  readonly untilMs: number;
}

interface Shelf {
  kept: Kept | undefined;
  /** Whoever comes meanwhile waits for the same answer. */
  renewing: Promise<Kept> | undefined;
}

/** One for each desk, so that each test and each shop has its own. */
const shelves = new WeakMap<Desk, Shelf>();

export async function paymentMethodsOf(desk: Desk): Promise<OfferedMethods> {
  const shelf = shelves.get(desk) ?? { kept: undefined, renewing: undefined };
  shelves.set(desk, shelf);
  const nowMs = desk.clock().getTime();
  if (shelf.kept && shelf.kept.untilMs > nowMs) return offered(shelf.kept, nowMs);
  shelf.renewing ??= renewed(desk, shelf.kept).finally(() => {
    shelf.renewing = undefined;
  });
  shelf.kept = await shelf.renewing;
  return offered(shelf.kept, nowMs);
}

const RETRY_MS = 10_000;

/** A gateway that is away takes nothing away from who knows the list: the old one is given until it answers again. */
async function renewed(desk: Desk, known: Kept | undefined): Promise<Kept> {
  const nowMs = desk.clock().getTime();
  try {
    return { methods: await ask(desk), untilMs: nowMs + desk.config.paymentMethodsTtlMs };
  } catch (error) {
    if (known) return { ...known, untilMs: nowMs + RETRY_MS };
    if (error instanceof GatewayUnreachable)
      throw new VisibleError('provider_error', 'The payment provider cannot be reached.', { cause: error });
    if (error instanceof GatewayRejected)
      throw new VisibleError('provider_error', 'The payment provider refuses to say what can be paid with.', {
        cause: error,
      });
    throw error;
  }
}

async function ask({ gateways }: Desk): Promise<readonly MethodOffered[]> {
  if (!gateways.chip.paymentMethods) throw new Error('the gateway of the shop offers no methods');
  return gateways.chip.paymentMethods('MYR');
}

const offered = ({ methods, untilMs }: Kept, nowMs: number): OfferedMethods => ({
  methods,
  etag: `"${hashOf(canonicalJson(methods)).slice(0, 32)}"`,
  maxAgeS: Math.floor((untilMs - nowMs) / 1_000),
});
