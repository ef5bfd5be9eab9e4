// Whether Stripe answers and knows our key: for `/health`, which strangers may ask as often as they like.
import Stripe from 'stripe';
import { connectToStripe } from './stripe.ts';
import type { StripeConfig } from './stripe.ts';

export interface StripeCheck {
  readonly healthy: boolean;
  readonly status: 'initialized' | 'key refused' | 'unexpected answer' | 'unreachable';
}

export interface StripeHealth {
  look(): Promise<StripeCheck>;
}

const LOOK_WITHIN_MS = 1_500;
/** Stripe counts what we ask, and asks nothing for a while that has just been answered. */
const GOOD_FOR_MS = 30_000;
const BAD_FOR_MS = 5_000;

export function createStripeHealth(config: StripeConfig, nowMs: () => number = () => performance.now()): StripeHealth {
  const stripe = connectToStripe({ ...config, timeoutMs: LOOK_WITHIN_MS });
  let known: { readonly check: StripeCheck; readonly untilMs: number } | undefined;
  let asking: Promise<StripeCheck> | undefined;
  const ask = async (): Promise<StripeCheck> => {
    const check = await checkOf(stripe);
    known = { check, untilMs: nowMs() + (check.healthy ? GOOD_FOR_MS : BAD_FOR_MS) };
    return check;
  };
  return {
    look: async () => {
      if (known && nowMs() < known.untilMs) return known.check;
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}

/** The balance is the smallest thing to ask for. */
async function checkOf(stripe: Stripe): Promise<StripeCheck> {
  try {
    await stripe.balance.retrieve();
    return { healthy: true, status: 'initialized' };
  } catch (error) {
    return refusalOf(error instanceof Stripe.errors.StripeError ? error.statusCode : undefined);
  }
}

/** A key that may not see the balance, or asks too often, is a key all the same. Any other no may not even be Stripe's. */
function refusalOf(httpStatus: number | undefined): StripeCheck {
  if (httpStatus === 403 || httpStatus === 429) return { healthy: true, status: 'initialized' };
  if (httpStatus === 401) return { healthy: false, status: 'key refused' };
  const answered = httpStatus !== undefined && httpStatus < 500;
  return { healthy: false, status: answered ? 'unexpected answer' : 'unreachable' };
}
