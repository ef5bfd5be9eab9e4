// @ts-check
// Calls to gateways: under a key that lasts, looked up before they are repeated, believed only when they say so.

const INTENT = 'test/adapters/stripe-intent.test.ts';
const REFUNDS = 'test/adapters/stripe-refunds.test.ts';
const CHIP_REFUNDS = 'test/adapters/chip-refunds.test.ts';
const CHIP_START = 'test/adapters/chip-start.test.ts';

/** @type {import('../table.mjs').Chapter} */
export const CALLS = {
  title: 'Calls to gateways',
  guards: [
    {
      name: 'key-of-a-payment',
      against: 'F12, F6',
      keepsFrom: 'opening a payment again opens a second one',
      file: 'adapters/gateways/stripe-intent.ts',
      text: 'stripe.paymentIntents.create(params, { idempotencyKey: keyOfTry })',
      without: 'stripe.paymentIntents.create(params)',
      test: { file: INTENT, name: 'sends our key, our ids and a synchronous capture' },
    },
    {
      name: 'key-of-a-session',
      against: 'F12, F6',
      keepsFrom: 'opening a page again opens a second one',
      file: 'adapters/gateways/stripe-checkout.ts',
      text: 'stripe.checkout.sessions.create(params, { idempotencyKey: keyOfTry })',
      without: 'stripe.checkout.sessions.create(params)',
      test: {
        file: 'test/adapters/stripe-checkout.test.ts',
        name: 'sends our key, where to return to, and our ids for the session and for its intent',
      },
    },
    {
      name: 'key-of-a-refund',
      against: 'F12, F10',
      keepsFrom: 'asking for a refund again makes a second one',
      file: 'adapters/gateways/stripe-refunds.ts',
      text: 'stripe.refunds.create(params, { idempotencyKey: keyOfTry })',
      without: 'stripe.refunds.create(params)',
      test: { file: REFUNDS, name: 'sends amount, our ids and our key, after a look for the refund itself' },
    },
    {
      name: 'refund-looked-for-when-the-key-is-forgotten',
      against: 'F12, F10',
      keepsFrom: 'a refund is made again a day later, when its key is no longer known',
      file: 'adapters/gateways/stripe-refunds.ts',
      text: '    if (done) return factOf(done, order);\n',
      without: '',
      test: { file: REFUNDS, name: 'makes no second refund when Stripe has long forgotten the key' },
    },
    {
      name: 'refund-of-the-same-sum',
      against: 'F10',
      keepsFrom: 'a refund of another sum is taken for this one',
      file: 'adapters/gateways/stripe-refunds.ts',
      text: `    throw new GatewayRejected('refund_differs', \`refund \${order.refundId} was made as \${refund.id} over \${made}\`);
`,
      without: '',
      test: { file: REFUNDS, name: 'needs a person when a refund of this id was made over another amount' },
    },
    {
      name: 'stored-failure-looked-through',
      against: 'F8, F12',
      keepsFrom: 'a 500 that Stripe repeats for ever hides the payment that it made, and a second one is opened',
      file: 'adapters/gateways/stripe.ts',
      text: '      if (found !== undefined) return found;\n',
      without: '',
      test: { file: INTENT, name: 'adopts the payment it hides' },
    },
    {
      name: 'proof-before-the-next-key',
      against: 'F8, F12',
      keepsFrom: 'a second paying call is made under a fresh key without any proof',
      file: 'adapters/gateways/stripe.ts',
      text: 'if (!keyTaken && !isStoredFailure(error)) throw error;',
      without: 'if (!keyTaken && !isStoredFailure(error) && generation < 0) throw error;',
      test: { file: INTENT, name: 'does not count a fresh 500 as stored' },
    },
    {
      name: 'found-on-our-terms',
      against: 'F8',
      keepsFrom: 'a payment of another sum is taken for this one',
      file: 'adapters/gateways/stripe.ts',
      text: '  const same = made.amount === amount && made.currency === currency;\n',
      without: '  const same = true;\n',
      test: {
        file: 'test/adapters/stripe-checkout.test.ts',
        name: 'never takes a page of other terms for its own',
      },
    },
    {
      name: 'unreadable-is-unknown',
      against: 'F8',
      keepsFrom: 'an answer that says nothing passes for one',
      file: 'adapters/gateways/stripe.ts',
      text: 'return new GatewayUnreachable(error.message, { cause: error, ...retryAfterOf(error) });',
      without: "return new GatewayRejected('failed', error.message);",
      test: { file: INTENT, name: 'leave the truth unknown: silence' },
    },
    {
      name: 'closed-only-when-cancelled',
      against: 'F7',
      keepsFrom: 'money on its way is called stopped',
      file: 'adapters/gateways/stripe-intent.ts',
      text: "  return { kind: state === 'succeeded' ? 'already_paid' : 'in_flight' };",
      without: "  return { kind: state === 'succeeded' ? 'already_paid' : 'closed' };",
      test: { file: 'test/contracts/gateway.test.ts', name: 'does not claim to stop money on its way' },
    },
    {
      name: 'chip-looks-before-it-refunds',
      against: 'F10, F12',
      keepsFrom: 'what went back already goes back again, for CHIP knows no keys',
      file: 'adapters/gateways/chip-refunds.ts',
      text: "  if (wasTaken(purchase) && isMade(purchase, order)) return { kind: 'succeeded', ref: refOf(purchase, order) };\n",
      without: '',
      test: { file: CHIP_REFUNDS, name: 'is not made where as much went back that no refund of ours explains' },
    },
    {
      name: 'chip-absence-proven-by-time',
      against: 'F8, F12',
      keepsFrom: 'a refund that is still on its way at CHIP is asked for again',
      file: 'adapters/gateways/chip-refunds.ts',
      text: '  const unprovenMs = askedMs + PROOF_MS - nowMs();',
      without: '  const unprovenMs = 0 * (askedMs + PROOF_MS - nowMs());',
      test: {
        file: CHIP_REFUNDS,
        name: 'asked for just now, may still be on its way: that it is not there proves nothing yet',
      },
    },
    {
      name: 'chip-due-strict',
      against: 'F7, F6',
      keepsFrom: 'a purchase whose answer was lost can be paid for ever',
      file: 'adapters/gateways/chip-start.ts',
      text: 'due_strict: true, ',
      without: '',
      test: { file: CHIP_START, name: 'says who pays for what, until when, and where everybody is to go afterwards' },
    },
    {
      name: 'chip-takes-what-was-asked',
      against: 'I-2, F16',
      keepsFrom: 'the customer is sent to a page that takes another sum',
      file: 'adapters/gateways/chip-start.ts',
      text: '  if (asked.total !== minor || asked.currency !== currency) return refuseOther(call, purchase, order);\n',
      without: '',
      test: { file: CHIP_START, name: '{ total: 12899 } is cancelled, and none' },
    },
  ],
};
