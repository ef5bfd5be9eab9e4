// @ts-check
// The ledger of one booking as it stands in the database: an auditor does not ask the program about its own books.
const LINES = `
  select t.id::int as transaction, e.type as fact, p.account, p.party, p.minor::int as minor, p.currency
  from ledger_transactions t
  join ledger_postings p on p.transaction_id = t.id
  join booking_events e on e.booking_id = t.booking_id and e.seq = t.seq
  where t.booking_id = $1
  order by t.id, p.id`;

const FACTS_TO_TELL = `
  select topic, key, payload, sent_at is not null as sent
  from outbox where booking_id = $1 order by seq`;

/** @typedef {{ topic: string, key: string, payload: Record<string, string | number>, sent: boolean }} ToldFact */

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {string} bookingId
 * @returns {Promise<import('./ledger.mjs').Posting[]>}
 */
export const readBooks = (stack, bookingId) => rowsOf(stack, LINES, bookingId);

/**
 * What other services are told, or wait to be told, of a booking.
 * @param {import('./stack.mjs').Stack} stack
 * @param {string} bookingId
 * @returns {Promise<ToldFact[]>}
 */
export const readOutbox = (stack, bookingId) => rowsOf(stack, FACTS_TO_TELL, bookingId);

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {string} statement which decides the shape of its rows
 * @param {string} bookingId
 */
async function rowsOf({ env }, statement, bookingId) {
  // Not at the top: before the demo's first start nothing is installed yet.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: env.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query(statement, [bookingId]);
    return rows;
  } finally {
    await client.end();
  }
}
