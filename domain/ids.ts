// Ids that other parties see: prefixed, so that a stray one in a log says what it is.

export const workflowIdOf = (bookingId: string): string => `booking-${bookingId}`;
export const latePaymentIdOf = (paymentRef: string): string => `late-payment-${paymentRef}`;

/** Of the workflow that gives late money back. */
export function paymentRefOfWorkflow(workflowId: string): string | undefined {
  return /^late-payment-(.+)$/.exec(workflowId)?.[1];
}

export const isBookingId = (text: string): boolean => /^bk_[0-9a-z]+$/.test(text);

export function bookingIdOfWorkflow(workflowId: string): string | undefined {
  return /^booking-(bk_[0-9a-z]+)$/.exec(workflowId)?.[1];
}

export const paymentIdOf = (bookingId: string, attempt: number): string =>
  `pay_${bookingId.slice('bk_'.length)}_${attempt}`;

export const supplierOrderIdOf = (bookingId: string, generation: number): string =>
  `so_${bookingId.slice('bk_'.length)}_${generation}`;

/** Our reference at the supplier: the first try bears the bare number, later ones -r1, -r2. */
export const supplierRefOf = (agentOrderId: string, generation: number): string =>
  generation === 0 ? agentOrderId : `${agentOrderId}-r${generation}`;

interface WholeTrip {
  readonly bookingId: string;
  /** The attempt that paid for it, or came last: a booking may be sold, and given back in full, more than once. */
  readonly attempt: number;
}

/** A trip is given back in full once per cause. */
export const wholeRefundIdOf = ({ bookingId, attempt }: WholeTrip, cause: string): string =>
  `rf_${bookingId.slice('bk_'.length)}_${attempt}_${cause}`;
