// The one way an intent becomes `canceled`, by a caller, by time, or after too many declines.
import { authorised, releaseHold } from './charges.ts';
import { announce } from './events.ts';
import type { Cause } from './events.ts';
import { unixNow } from './objects.ts';
import type { Intent } from './objects.ts';
import type { World } from './state.ts';

/** Task: a hold that nobody captured. */
export function expireHold(world: World, id: string): void {
  const intent = world.intents.get(id);
  if (intent?.status !== 'requires_capture') return;
  const charge = releaseHold(world, authorised(world, intent));
  announce(world, { type: 'charge.expired', object: charge, cause: null });
  markCanceled(world, intent, { reason: 'automatic', cause: null });
}

export function markCanceled(
  world: World,
  intent: Intent,
  { reason, cause }: { reason: string | null; cause: Cause },
): Intent {
  const canceled = world.intents.put({
    ...intent,
    amount_capturable: 0,
    canceled_at: unixNow(),
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  });
  announce(world, { type: 'payment_intent.canceled', object: canceled, cause });
  return canceled;
}
