export { bookingWorkflow } from './booking.ts';
export { latePaymentWorkflow } from './late-payment.ts';
