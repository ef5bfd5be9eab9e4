// Whether Stripe answers and knows our key.
import Stripe from 'stripe';
import { connectToStripe } from './stripe.ts';
import type { StripeConfig } from './stripe.ts';
import { createVendorHealth, LOOK_WITHIN_MS } from './vendor-health.ts';
import type { VendorCheck, VendorHealth } from './vendor-health.ts';

export function createStripeHealth(config: StripeConfig, nowMs?: () => number): VendorHealth {
  const stripe = connectToStripe({ ...config, timeoutMs: LOOK_WITHIN_MS });
  return createVendorHealth(() => checkOf(stripe), nowMs);
}

/** The balance is the smallest thing to ask for. */
async function checkOf(stripe: Stripe): Promise<VendorCheck> {
  try {
    await stripe.balance.retrieve();
    return { healthy: true, status: 'initialized' };
  } catch (error) {
    return refusalOf(error instanceof Stripe.errors.StripeError ? error.statusCode : undefined);
  }
}

/** A key that may not see the balance, or asks too often, is a key all the same. Any other no may not even be Stripe's. */
function refusalOf(httpStatus: number | undefined): VendorCheck {
  if (httpStatus === 403 || httpStatus === 429) return { healthy: true, status: 'initialized' };
  if (httpStatus === 401) return { healthy: false, status: 'key refused' };
  const answered = httpStatus !== undefined && httpStatus < 500;
  return { healthy: false, status: answered ? 'unexpected answer' : 'unreachable' };
}
