// @ts-check
// What was bought for a booking: at most one order lives, it is the one we know, and it cost what we say.

/** @typedef {import('./books.mjs').Books} Books */
/** @typedef {import('./books.mjs').BookingRow} Booking */

const SOLD = new Set(['confirmed', 'partially_refunded']);

/** Whether the customer has got what was sold. @param {Books} books @param {Booking} booking */
export function isServed(books, { id, storefront, confirmed }) {
  const { ours } = books;
  if (!confirmed) return false;
  if (storefront === 'trektoo') {
    const ready = ours.vouchers.filter(({ booking_id: of, status }) => of === id && status === 'ready');
    return liveOrders(books, id).length === 1 && ready.length > 0;
  }
  if (storefront === 'cart')
    return ours.orders.some(
      ({ booking_id: of, status }) => of === id && (status === 'completed' || status === 'partially_refunded'),
    );
  return true;
}

/** @param {Books} books @param {string} bookingId */
function ordersAt({ ours, klook }, bookingId) {
  const rows = ours.supplierOrders.filter(({ booking_id: of }) => of === bookingId);
  const refs = rows.map(({ our_ref: ref }) => ref);
  // Whatever generation: one that we do not remember would be the worst of all.
  const isOurs = (/** @type {string} */ ref) => refs.some((each) => stemOf(each) === stemOf(ref));
  return { rows, orders: klook.orders.filter(({ agentOrderId }) => isOurs(agentOrderId)) };
}

const stemOf = (/** @type {string} */ ref) => ref.replace(/-r\d+$/, '');

/** @param {Books} books @param {string} bookingId */
const liveOrders = (books, bookingId) =>
  ordersAt(books, bookingId).orders.filter(
    ({ status, transaction }) => transaction === 'paid' && (status === 'confirmed' || status === 'pending'),
  );

/**
 * @param {Books} books
 * @param {Booking} booking
 * @param {import('./compare.mjs').Expect} expect
 */
export function compareSupply(books, booking, expect) {
  const { id, phase } = booking;
  const { rows, orders } = ordersAt(books, id);
  if (booking.storefront !== 'trektoo') return;
  const live = liveOrders(books, id);
  const found = (/** @type {string} */ evidence) => () => ({ booking: id, evidence: `${phase}: ${evidence}` });
  const names = live.map(({ id: order, status }) => `${order} ${status}`).join(', ');
  expect('at most one supplier order lives', live.length <= 1, found(names));
  if (!SOLD.has(phase)) expect('not sold: no supplier order lives', live.length === 0 || isGivenUp(rows), found(names));
  const moved = (/** @type {string} */ type) =>
    books.klook.ledger
      .filter((line) => line.type === type && orders.some(({ id: order }) => order === line.order))
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const [paid, returned] = [sum(rows, 'paid'), sum(rows, 'returned')];
  const currency = rows[0]?.currency ?? '';
  expect('paid to the supplier = ours', -moved('debit') === paid, () => ({
    ...found(`${-moved('debit')} there, ${paid} here`)(),
    money: { minor: -moved('debit') - paid, currency },
  }));
  expect('returned by the supplier = ours', moved('credit') === returned, () => ({
    ...found(`${moved('credit')} there, ${returned} here`)(),
    money: { minor: moved('credit') - returned, currency },
  }));
}

/** The supplier keeps its price and we gave the customer's money back: written down as lost. @param {readonly import('./books.mjs').SupplierRow[]} rows */
const isGivenUp = (rows) => rows.some(({ status, paid, returned }) => status === 'canceled' && returned < paid);

/** @param {readonly import('./books.mjs').SupplierRow[]} rows @param {'paid' | 'returned'} what */
const sum = (rows, what) => rows.reduce((all, row) => all + row[what], 0);
