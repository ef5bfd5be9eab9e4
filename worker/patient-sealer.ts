// Waits for the database where a payload needs its key: the SDK ends a whole worker, with everything it has under way,
// over one payload that could not be sealed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PayloadSealer } from '../adapters/temporal/codec.ts';
import { isUnavailable } from '../db/client.ts';

export interface Patience {
  readonly pauseMs: number;
  /** Temporal gives the work to somebody else long before; what waits here then only has to end in peace. */
  readonly patienceMs: number;
}

export function patientSealer(
  sealer: PayloadSealer,
  { pauseMs, patienceMs }: Patience = { pauseMs: 250, patienceMs: 300_000 },
): PayloadSealer {
  const { escrowOf } = sealer;
  const whenBack = async (call: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isUnavailable(error) || Date.now() >= giveUpAt) throw error;
      }
      await sleep(pauseMs, undefined, { ref: false });
    }
  };
  return {
    masterKeyId: sealer.masterKeyId,
    seal: (...args) => whenBack(() => sealer.seal(...args)),
    unseal: (...args) => whenBack(() => sealer.unseal(...args)),
    ...(escrowOf && { escrowOf: (keyId: string) => whenBack(() => escrowOf(keyId)) }),
  };
}
