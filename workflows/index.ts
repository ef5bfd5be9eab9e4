export { bookingWorkflow } from './booking.ts';
export { latePaymentWorkflow } from './late-payment.ts';
export { reconcileWorkflow } from './reconcile.ts';
