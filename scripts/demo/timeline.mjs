// @ts-check
// The staff's timeline of a booking, as the demo needs it: the facts in their order and what they posted.

/** @typedef {import('./ledger.mjs').Posting} Posting */
/** @typedef {{ at: string, type: string, fact: import('./wording.mjs').Fact }} RecordedFact */
/** @typedef {{ facts: RecordedFact[], postings: Posting[] }} Timeline */

/**
 * @param {import('./shop.mjs').Visitor} staff
 * @param {string} bookingId
 * @returns {Promise<Timeline>}
 */
export async function readTimeline(staff, bookingId) {
  await staff.get(`/v1/bookings/${bookingId}/timeline`);
  return { facts: [], postings: [] };
}
