// The one desk that every storefront and the native API use: a door in front of api/desk/, and all a storefront may import.
export type { StoredBooking } from '../db/bookings.ts';
export type { CartAt, StoredCart } from '../db/carts.ts';
export type { StoredOrder } from '../db/orders.ts';
export { BACK_OFFICE, principalOf, STAFF } from './auth.ts';
export type { Principal } from './auth.ts';
export type { AppDeps } from './deps.ts';
export { bookActivity } from './desk/activity.ts';
export type { ActivityOrder } from './desk/activity-order.ts';
export {
  activityFields,
  activityOrderOf,
  amountWire,
  contactWire,
  currencyWire,
  markupWire,
} from './desk/activity-wire.ts';
export { acceptedOf, answeredOf, notReady } from './desk/asking.ts';
export { cancelWith, quoteFor } from './desk/cancellation.ts';
export { browsersCart, cartById, giveBrowserCart, heldCart, holdOf, shopper } from './desk/cart-holding.ts';
export { changeQuantity, openCart, productsOf, putInCart, takeOffCondition, useCode } from './desk/carts.ts';
export type { CartOutcome, CartRefusalReason } from './desk/carts.ts';
export { checkOut, intentOn } from './desk/checkout.ts';
export type { ToPay } from './desk/checkout.ts';
export { checkoutOf, orderByNumber, orderNotFound } from './desk/orders.ts';
export type { CheckoutSeen, OrderSeen } from './desk/orders.ts';
export { paymentMethodsOf } from './desk/payment-methods.ts';
export { createDesk } from './desk/desk.ts';
export type { Desk } from './desk/desk.ts';
export {
  bookingByExternalId,
  bookingById,
  bookingByPayment,
  bookingByReference,
  bookingIdByReference,
  bookingWithoutAsker,
  paymentNotFound,
} from './desk/finding.ts';
export type { FoundPayment } from './desk/finding.ts';
export { hotelOf, hotelsOf, nextBookingNumber, numberOfPayment } from './desk/hotels.ts';
export { newRequestId } from './desk/identifiers.ts';
export { markPaid } from './desk/marking.ts';
export type { OpenedBooking } from './desk/open-request.ts';
export { accessFor, accessTo, travellersOf, writeDown } from './desk/owning.ts';
export { NUMBERED_PDF, papersDoor, PDF, sendPaper, voucherIn } from './desk/papers.ts';
export { freshened, payBooking, payInEitherCurrency } from './desk/paying.ts';
export { bookService, contactOf } from './desk/service.ts';
export type { ServiceOrder } from './desk/service.ts';
export {
  approveRefund,
  isFinal,
  reasonsGiven,
  refundBooking,
  refuseUnapproved,
  withdrawRefund,
} from './desk/refunding.ts';
export type { RefundNow } from './desk/refunding.ts';
export { askSupplier } from './desk/supply-check.ts';
export { turnOnceGrown } from './desk/turns.ts';
export { isOnThisMachine } from './http/loopback.ts';
export { BEARER, createRouter, FOR_STAFF, json, jsonBody, refusals } from './http/router.ts';
export type { RequestContext, Router } from './http/router.ts';
export { addStripeWebhook } from './webhooks.ts';
export { answerIsNotFinal } from './idempotency.ts';
