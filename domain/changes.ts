// The few ways in which a booking changes at large: along a declared edge, or in its vouchers' standing.
import type { Booking, Phase } from './booking.ts';
import { ImpossibleFact } from './impossible-fact.ts';
import { mayMove } from './transitions.ts';

export function moved(booking: Booking, phase: Phase): Booking {
  if (!mayMove(booking.storefront, booking.phase, phase))
    throw new ImpossibleFact(`${booking.id} cannot go from ${booking.phase} to ${phase}`);
  return booking.phase === phase ? booking : { ...booking, phase };
}

export const voided = (booking: Booking): Booking['vouchers'] =>
  booking.vouchers.map((v) => ({ ...v, status: 'void' as const }));
