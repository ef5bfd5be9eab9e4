// Why money went back, as whoever gets it may read it: no name of staff's, and no reason of the house.
import type { RefundCause } from './booking.ts';

const WORDS: Record<RefundCause, string> = {
  staff: 'refund',
  cancellation: 'cancelled',
  compensation: 'the booking could not be fulfilled',
  duplicate: 'paid twice',
  late: 'paid after the booking had ended',
};

export const refundReasonOf = (cause: RefundCause): string => WORDS[cause];
