// What is found in the lists of others while nothing was written yet: they name all that is about to be, too.
import type { Booking } from '../../domain/booking.ts';
import type { Finding } from '../../domain/findings.ts';

/** Less what the bookings explain that would be put back. */
export const unexplainedBy = (bookings: readonly Booking[], findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => !bookings.some((booking) => explains(booking, finding)));

function explains({ payments, refunds, supplierOrders }: Booking, { subject, evidence }: Finding): boolean {
  const { gateway, payment, refund, ourRef } = evidence;
  return (
    // Money under another name there is another payment; only a page of the gateway's own has two names.
    payments.some((each) => each.id === payment && (each.ref === subject || each.gateway !== gateway)) ||
    refunds.some(({ id }) => id === refund) ||
    supplierOrders.some((order) => order.ourRef === ourRef)
  );
}
