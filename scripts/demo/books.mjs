// @ts-check
// The ledger of one booking as it stands in the database: an auditor does not ask the program about its own books.
const LINES = `
  select t.id::int as transaction, e.type as fact, p.account, p.party, p.minor::int as minor, p.currency
  from ledger_transactions t
  join ledger_postings p on p.transaction_id = t.id
  join booking_events e on e.booking_id = t.booking_id and e.seq = t.seq
  where t.booking_id = $1
  order by t.id, p.id`;

/**
 * @param {import('./stack.mjs').Stack} stack
 * @param {string} bookingId
 * @returns {Promise<import('./ledger.mjs').Posting[]>}
 */
export async function readBooks({ env }, bookingId) {
  // Not at the top: before the demo's first start nothing is installed yet.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: env.DATABASE_URL });
  await client.connect();
  try {
    const { rows } = await client.query(LINES, [bookingId]);
    return rows;
  } finally {
    await client.end();
  }
}
