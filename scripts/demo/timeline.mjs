// @ts-check
// The staff's timeline of a booking, as the demo needs it: the recorded facts in their order.

/** @typedef {{ seq: number, at: string, type: string, fact: import('./wording.mjs').Fact }} RecordedFact */
/** @typedef {{ kind: string, at: string, type: string, detail: { seq: number, data: import('./wording.mjs').Fact } }} Entry */

/**
 * @param {import('./shop.mjs').Visitor} staff
 * @param {string} bookingId
 * @returns {Promise<RecordedFact[]>}
 */
export async function factsOf(staff, bookingId) {
  /** @type {import('./http.mjs').Answer<{ items: Entry[] }>} */
  const { body } = await staff.get(`/v1/bookings/${bookingId}/timeline`);
  return body.items
    .filter(({ kind }) => kind === 'event')
    .map(({ at, type, detail }) => ({ seq: detail.seq, at, type, fact: detail.data }));
}
