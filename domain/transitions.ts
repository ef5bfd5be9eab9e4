// The declared edges of a booking's life; anything else is a bug and must not be written.
import type { Phase, Storefront } from './booking.ts';

const EDGES: Record<Phase, readonly Phase[]> = {
  awaiting_payment: ['processing', 'confirming', 'expired', 'cancelled', 'failed'],
  processing: ['awaiting_payment', 'confirming', 'expired', 'cancelled', 'failed'],
  // Part of the money may be back by then. Failed: it was only held, and is let go.
  confirming: ['confirmed', 'partially_refunded', 'refunded', 'cancelled', 'failed'],
  confirmed: ['partially_refunded', 'refunded', 'cancelled'],
  // Back to confirmed when the gateway could not deliver what went back.
  partially_refunded: ['confirmed', 'refunded', 'cancelled'],
  // Late money: revived when it can still be fulfilled, else given back in full.
  expired: ['confirming', 'refunded', 'cancelled'],
  failed: ['refunded'],
  cancelled: [],
  refunded: [],
};

const REOPENING: readonly Storefront[] = ['travello', 'cart'];
export const reopens = (storefront: Storefront): boolean => REOPENING.includes(storefront);

export const mayReopen = ({ storefront, phase }: { storefront: Storefront; phase: Phase }): boolean =>
  reopens(storefront) && (phase === 'expired' || phase === 'refunded');

/** Nobody buys what has begun; staff may still note what they took for it. */
export const hasBegun = ({ serviceAt }: { serviceAt: string | null }, nowMs: number): boolean =>
  serviceAt !== null && Date.parse(serviceAt) <= nowMs;

export function mayMove(storefront: Storefront, from: Phase, to: Phase): boolean {
  if (from === to) return true;
  // What could be sold anew must be given up in words.
  if (to === 'cancelled' && from === 'refunded') return reopens(storefront);
  if (to === 'awaiting_payment' && (from === 'expired' || from === 'refunded'))
    return mayReopen({ storefront, phase: from });
  return EDGES[from].includes(to);
}
