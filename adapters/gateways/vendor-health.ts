// Whether a company answers and knows our key: for `/health`, which strangers may ask as often as they like.

export interface VendorCheck {
  readonly healthy: boolean;
  readonly status: 'initialized' | 'key refused' | 'unexpected answer' | 'unreachable' | 'disabled';
}

export interface VendorHealth {
  look(): Promise<VendorCheck>;
}

export const LOOK_WITHIN_MS = 1_500;
/** Vendors count what we ask, and are asked nothing for a while that has just been answered. */
const GOOD_FOR_MS = 30_000;
const BAD_FOR_MS = 5_000;

export function createVendorHealth(
  checkOf: () => Promise<VendorCheck>,
  nowMs: () => number = () => performance.now(),
): VendorHealth {
  let known: { readonly check: VendorCheck; readonly untilMs: number } | undefined;
  let asking: Promise<VendorCheck> | undefined;
  const ask = async (): Promise<VendorCheck> => {
    const check = await checkOf();
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

/** Nobody gave us a key: there is nothing of theirs to be away. */
export const notUsed: VendorHealth = { look: async () => ({ healthy: true, status: 'disabled' }) };
