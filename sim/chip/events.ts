// Writes an event for each change that CHIP announces; delivery is the sender's work.
import { newId, unixNow } from './objects.ts';
import type { Payment, Purchase } from './objects.ts';
import type { Channel, ChipEvent, World } from './state.ts';

const named = (kind: string, words: string): string[] => words.split(' ').map((word) => `${kind}.${word}`);

export const eventTypes: readonly string[] = [
  ...named(
    'purchase',
    'created viewed paid payment_failure pending_execute pending_charge cancelled hold preauthorized',
  ),
  ...named('purchase', 'captured pending_capture capture_failure released pending_release release_failure'),
  ...named('purchase', 'pending_refund refund_failure settled recurring_token_deleted'),
  ...named('purchase', 'pending_recurring_token_delete subscription_charge_failure'),
  ...named('payment', 'refunded charged_back chargeback_reversed'),
  ...named('payout', 'pending failed success created'),
  'billing_template_client.subscription_billing_cancelled',
];

const CALLED_BACK: ReadonlySet<string> = new Set(['purchase.paid', 'purchase.captured']);
export const CHANNELS: readonly Channel[] = ['success_callback', 'webhook'];

/** The callback tells of money that was taken, and of nothing else. */
export const channelsOf = (type: string): readonly Channel[] =>
  CALLED_BACK.has(type) ? CHANNELS : CHANNELS.filter((channel) => channel === 'webhook');

export type Announcement = {
  type: string;
  object: Purchase | Payment;
  /** Only these, where somebody asked for fewer than there are. */
  channels?: readonly Channel[] | undefined;
};

export function announce(world: World, { type, object, channels = channelsOf(type) }: Announcement): ChipEvent {
  const event = eventOf(type, object);
  world.events.put(event);
  world.deliver(event, channels);
  return event;
}

export function eventOf(type: string, object: Purchase | Payment): ChipEvent {
  const source = object.type === 'payment' ? object.related_to.id : object.id;
  return { id: newId(), type, source, created: unixNow(), object };
}
