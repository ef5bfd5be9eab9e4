// @ts-check
// Books that agree, with one booking of each kind; tests falsify one entry at a time.

/** @typedef {import('../../scripts/drill/books.mjs').Books} Books */

/** @returns {Books} */
export function soundBooks() {
  const booking = (/** @type {string} */ id, /** @type {string} */ storefront, /** @type {string} */ phase) => ({
    id,
    storefront,
    phase,
    kind: 'any',
    attention: null,
    confirmed: ['confirmed', 'partially_refunded', 'cancelled'].includes(phase),
  });
  const payment = (/** @type {string} */ id, /** @type {Partial<Books['ours']['payments'][number]>} */ rest) => ({
    id: `pay_${id}`,
    booking_id: id,
    gateway: 'stripe_intent',
    ref: `pi_${id}`,
    captured: 1_000,
    currency: 'USD',
    ...rest,
  });
  const posting = (/** @type {number} */ transaction, /** @type {[string, string, number, string]} */ it) => ({
    booking_id: 'bk_act',
    transaction_id: transaction,
    account: it[0],
    party: it[1],
    minor: it[2],
    currency: it[3],
  });
  return {
    ours: {
      bookings: [
        booking('bk_act', 'trektoo', 'confirmed'),
        booking('bk_part', 'airport', 'partially_refunded'),
        booking('bk_gone', 'dreamscape', 'refunded'),
        booking('bk_left', 'trektoo', 'cancelled'),
        booking('bk_never', 'airport', 'expired'),
        booking('bk_cart', 'cart', 'confirmed'),
        booking('bk_desk', 'travello', 'confirmed'),
      ],
      payments: [
        payment('bk_act', {}),
        payment('bk_part', {}),
        payment('bk_gone', {}),
        payment('bk_left', {}),
        payment('bk_never', { captured: 0 }),
        payment('bk_cart', { gateway: 'chip', ref: 'purchase', captured: 5_000, currency: 'MYR' }),
        payment('bk_desk', { gateway: 'on_arrival', ref: null, captured: 800, currency: 'PKR' }),
      ],
      refunds: [
        { booking_id: 'bk_part', payment_id: 'pay_bk_part', amount: 300, status: 'succeeded' },
        { booking_id: 'bk_gone', payment_id: 'pay_bk_gone', amount: 1_000, status: 'succeeded' },
        { booking_id: 'bk_left', payment_id: 'pay_bk_left', amount: 600, status: 'succeeded' },
      ],
      disputes: [],
      supplierOrders: [
        {
          booking_id: 'bk_act',
          our_ref: 'ours-1',
          order_no: '1',
          status: 'confirmed',
          paid: 700,
          returned: 0,
          currency: 'USD',
        },
        {
          booking_id: 'bk_left',
          our_ref: 'ours-2',
          order_no: '2',
          status: 'canceled',
          paid: 700,
          returned: 700,
          currency: 'USD',
        },
      ],
      orders: [{ booking_id: 'bk_cart', status: 'completed' }],
      vouchers: [{ booking_id: 'bk_act', status: 'ready' }],
      quotes: [{ booking_id: 'bk_left', refund: 600, keep: 400 }],
      postings: [
        posting(1, ['gateway_clearing', 'stripe_intent', 2_100, 'USD']),
        posting(1, ['customer_receivable', '', -2_100, 'USD']),
        posting(2, ['gateway_clearing', 'chip', 4_950, 'MYR']),
        posting(2, ['customer_receivable', '', -4_950, 'MYR']),
        posting(3, ['supplier_balance', 'klook', -700, 'USD']),
        posting(3, ['supplier_payable', 'klook', 700, 'USD']),
      ],
      inbox: [{ id: 1, gateway: 'stripe', type: 'payment_intent.succeeded', state: 'handled', error: null }],
    },
    stripe: {
      checkout_sessions: [],
      charges: ['bk_act', 'bk_part', 'bk_gone', 'bk_left'].map((id) => ({
        id: `ch_${id}`,
        payment_intent: `pi_${id}`,
        amount_captured: 1_000,
        captured: true,
        currency: 'usd',
        status: 'succeeded',
      })),
      refunds: [
        { payment_intent: 'pi_bk_part', amount: 300, status: 'succeeded' },
        { payment_intent: 'pi_bk_gone', amount: 1_000, status: 'succeeded' },
        { payment_intent: 'pi_bk_left', amount: 600, status: 'succeeded' },
      ],
      disputes: [],
      balance_transactions: [
        { net: 4_000, currency: 'usd' },
        { net: -1_900, currency: 'usd' },
      ],
    },
    chip: {
      purchases: [
        {
          id: 'purchase',
          reference: 'cart',
          status: 'paid',
          payment: { amount: 5_000, fee_amount: 50, currency: 'MYR' },
        },
      ],
      payments: [],
    },
    klook: {
      orders: [
        { id: '1', agentOrderId: 'ours-1', status: 'confirmed', transaction: 'paid' },
        { id: '2', agentOrderId: 'ours-2', status: 'canceled', transaction: 'refunded' },
      ],
      ledger: [
        { type: 'opening', amountMinor: 9_999, order: null },
        { type: 'debit', amountMinor: -700, order: '1' },
        { type: 'debit', amountMinor: -700, order: '2' },
        { type: 'credit', amountMinor: 700, order: '2' },
      ],
    },
    workflows: ['act', 'part', 'gone', 'left', 'never', 'cart', 'desk'].map((id) => ({
      id: `booking-bk_${id}`,
      status: 'RUNNING',
    })),
  };
}
