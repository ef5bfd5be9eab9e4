// Whether CHIP answers and knows our key.
import { GatewayRejected } from '../../domain/payment.ts';
import { answerOf, connectToChip } from './chip-http.ts';
import type { ChipAccess, ChipCall } from './chip-http.ts';
import { companyKeyIn } from './chip-public-key.ts';
import { createVendorHealth, LOOK_WITHIN_MS } from './vendor-health.ts';
import type { VendorCheck, VendorHealth } from './vendor-health.ts';

export function createChipHealth(access: ChipAccess, nowMs?: () => number): VendorHealth {
  const call = connectToChip({ ...access, timeoutMs: LOOK_WITHIN_MS });
  return createVendorHealth(() => checkOf(call), nowMs);
}

/** The company's key is the smallest thing to ask for. */
async function checkOf(call: ChipCall): Promise<VendorCheck> {
  try {
    const answer = answerOf(await call('GET', '/public_key/'));
    return isKey(answer) ? { healthy: true, status: 'initialized' } : { healthy: false, status: 'unexpected answer' };
  } catch (error) {
    if (!(error instanceof GatewayRejected)) return { healthy: false, status: 'unreachable' };
    const isRefused = /refuses our key/.test(error.message);
    return { healthy: false, status: isRefused ? 'key refused' : 'unexpected answer' };
  }
}

function isKey(answer: unknown): boolean {
  try {
    companyKeyIn(answer);
    return true;
  } catch {
    return false;
  }
}
