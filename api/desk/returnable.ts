// Whether the gateway would take this much back at all: asked before anything is promised.
import { refundableOfPayment } from '../../domain/booking.ts';
import type { Booking } from '../../domain/booking.ts';
import { GatewayRejected, GatewayUnreachable } from '../../domain/payment.ts';
import type { Returnable } from '../../domain/payment.ts';
import { VisibleError } from '../errors.ts';
import type { Desk } from './desk.ts';

const WHY_NOT: Readonly<Record<Exclude<Returnable, 'any'>, string>> = {
  whole_only: 'What was paid in this way goes back only as a whole.',
  parts_only: 'What was paid in this way goes back only in parts.',
  not_at_all: 'What was paid in this way cannot go back through the payment provider.',
};

export async function refuseUnreturnable(desk: Desk, booking: Booking, wantedMinor: number): Promise<void> {
  const [payment, ...others] = booking.payments.filter((each) => refundableOfPayment(booking, each) > 0);
  // Of several each gives what it can, and what it cannot is found out where it is tried.
  if (!payment?.ref || others.length > 0) return;
  const may = (await desk.gateways[payment.gateway].returnable?.(payment.ref).catch(unasked)) ?? 'any';
  const isWhole = wantedMinor === refundableOfPayment(booking, payment);
  if (may === 'any' || (may === 'whole_only' && isWhole) || (may === 'parts_only' && !isWhole)) return;
  throw new VisibleError('conflict', WHY_NOT[may], { code: `refund_${may}` });
}

/** A gateway that is away forbids nothing: the refund waits for it. */
function unasked(error: unknown): Returnable {
  if (error instanceof GatewayUnreachable || error instanceof GatewayRejected) return 'any';
  throw error;
}
