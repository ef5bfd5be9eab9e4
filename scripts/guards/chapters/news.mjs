// @ts-check
// From a gateway's post to one fact: verified, kept, handed on once, recorded once.

const CONTRACT = 'test/contracts/gateway.test.ts';
const CHIP = 'test/adapters/chip-webhook.test.ts';
const SWEEP = 'test/worker/sweep.int.test.ts';
const RECORD = 'test/db/record.int.test.ts';

/** @type {import('../table.mjs').Chapter} */
export const NEWS = {
  title: 'News',
  guards: [
    {
      name: 'stripe-signature',
      against: 'I-11',
      keepsFrom: 'a stranger says that a booking was paid',
      file: 'adapters/gateways/stripe-webhook.ts',
      text: "  if (reason !== undefined) return { kind: 'forged', reason };\n",
      without: '',
      test: { file: CONTRACT, name: 'refuses a body with any one byte changed, lost or added' },
    },
    {
      name: 'stripe-signature-dated',
      against: 'I-11',
      keepsFrom: 'an old genuine event is played again',
      file: 'adapters/gateways/stripe-webhook.ts',
      text: 'verifyHeaderAsync(text, header, secret, TOLERANCE_S)',
      without: 'verifyHeaderAsync(text, header, secret, 1e9)',
      test: { file: CONTRACT, name: 'refuses a genuine event sent again much later, where signatures are dated' },
    },
    {
      name: 'chip-signature',
      against: 'I-11',
      keepsFrom: 'a stranger says that a cart was paid',
      file: 'adapters/gateways/chip-webhook.ts',
      text: "  if (verdict !== 'fits') return { kind: 'forged', reason: 'no key of the sender fits the body' };\n",
      without: '',
      test: { file: CHIP, name: 'is told by a signature that is missing, truncated or another’s' },
    },
    {
      name: 'chip-key-of-each-channel',
      against: 'I-11',
      keepsFrom: 'the key of one webhook opens all others',
      file: 'adapters/gateways/chip-keys.ts',
      text: 'const name = webhookId ?? COMPANY;',
      without: 'const name = webhookId === null ? COMPANY : COMPANY;',
      test: {
        file: CHIP,
        name: 'is told although the key is known: a webhook’s key does not open what comes as a success callback, nor the other way',
      },
    },
    {
      name: 'commit-before-2xx',
      against: 'F3, I-10',
      keepsFrom: 'an event is acknowledged that was never kept',
      file: 'api/webhooks.ts',
      text: 'await store({ ...arrival, ...meaningOf(reading) });',
      without: 'void store({ ...arrival, ...meaningOf(reading) }).catch(() => undefined);',
      test: {
        file: 'test/api/webhooks.int.test.ts',
        name: 'that cannot be stored is 503, so that the gateway sends it again',
      },
    },
    {
      name: 'webhook-kept-once',
      against: 'F1, I-6',
      keepsFrom: 'an event that is sent again is refused, and sent for ever',
      file: 'db/inbox-writer.ts',
      text: "      on conflict (gateway, channel, event_id) where verdict = 'verified' do nothing\n",
      without: '',
      test: {
        file: 'test/api/webhooks.int.test.ts',
        name: 'sent twenty times is acknowledged twenty times and stored once',
      },
    },
    {
      name: 'parked-not-dropped',
      against: 'F4',
      keepsFrom: 'news that came before its booking is lost',
      file: 'worker/gateway-news.ts',
      text: '  if (!row.booking) return unknownBooking(row, deps.clock());\n',
      without: "  if (!row.booking) return { kind: 'handled' };\n",
      test: { file: SWEEP, name: 'parks what belongs to no booking, and delivers it once there is one' },
    },
    {
      name: 'undelivered-not-handled',
      against: 'F3, L-1',
      keepsFrom: 'news that Temporal did not take counts as told',
      file: 'worker/gateway-news.ts',
      text: `    if (!(error instanceof WorkflowNotFoundError || error instanceof KeyDestroyed)) return unreachable(error);
`,
      without: `    if (!(error instanceof WorkflowNotFoundError || error instanceof KeyDestroyed)) return { kind: 'handled' };
`,
      test: { file: SWEEP, name: 'keeps what it cannot deliver while Temporal is away, and tries later' },
    },
    {
      name: 'same-effect-told-once',
      against: 'F1, I-6',
      keepsFrom: 'two events that tell the same are both worked off',
      file: 'worker/gateway-news.ts',
      text: "  if (row.alreadyHandled || (row.effect === 'fee' && row.feeKnown)) return { kind: 'handled' };\n",
      without: '',
      test: { file: SWEEP, name: 'passes on one of two events that tell the same, and both when they do not' },
    },
    {
      name: 'inbox-lease',
      against: 'F1',
      keepsFrom: 'two sweeps work off the same row',
      file: 'db/inbox-work.ts',
      text: 'now() + make_interval(secs => ${LEASE_S})',
      without: 'now()',
      test: { file: SWEEP, name: 'leaves a row to who has taken it until the lease is over' },
    },
    {
      name: 'heard-once',
      against: 'F1, I-6',
      keepsFrom: 'each repeated signal makes the workflow read the payment once more',
      file: 'workflows/handlers.ts',
      text: '      if (!hearOnce(run, news)) return;\n',
      without: '',
      test: {
        file: 'test/workflows/collecting.int.test.ts',
        name: 'is read once for news that is signalled again and again',
      },
    },
    {
      name: 'foreign-object-refused',
      against: 'I-7',
      keepsFrom: 'the payment of one booking settles another',
      file: 'activities/payment-news.ts',
      text: `  if (fact.bookingId !== null && fact.bookingId !== bookingId)
    throw new Error(\`\${fact.ref} belongs to \${fact.bookingId}\`);
`,
      without: '',
      test: {
        file: 'test/activities/payment-answers.int.test.ts',
        name: 'settles nothing when it names another booking',
      },
    },
    {
      name: 'adopted-only-if-ours',
      against: 'F4, F6',
      keepsFrom: 'a purchase of another booking is taken up as ours',
      file: 'activities/payment-news.ts',
      text: "if (found?.bookingId !== bookingId || found.status !== 'succeeded') return;",
      without: "if (found?.status !== 'succeeded') return;",
      test: {
        file: 'test/activities/late-adoption.int.test.ts',
        name: 'is nothing of ours when it names another booking',
      },
    },
    {
      name: 'settled-facts-ignored',
      against: 'F1, F10, I-6',
      keepsFrom: 'an activity that runs again records its fact again',
      file: 'activities/record.ts',
      text: 'return events.filter((event) => !keys.has(keyOf(event)) && keys.add(keyOf(event)));',
      without: 'return events.filter((event) => keys.add(keyOf(event)));',
      test: { file: RECORD, name: 'knows a fact once: again, beside news, or twice in one decision' },
    },
    {
      name: 'one-decides-at-a-time',
      against: 'F9, I-3',
      keepsFrom: 'two decide on the same state of a booking',
      file: 'db/bookings.ts',
      text: "where(eq(bookings.id, id)).for('update');",
      without: 'where(eq(bookings.id, id));',
      test: { file: RECORD, name: 'shows each decision the state that the one before it left' },
    },
    {
      name: 'version-checked-in-the-write',
      against: 'F1, I-8',
      keepsFrom: 'an old state is written over a newer one',
      file: 'db/bookings.ts',
      text: '.where(and(eq(bookings.id, before.id), eq(bookings.version, before.version)))',
      without: '.where(eq(bookings.id, before.id))',
      test: { file: RECORD, name: 'does not overwrite what moved on while it was being written' },
    },
    {
      name: 'one-transaction',
      against: 'F3, F10, I-32',
      keepsFrom: 'state, postings, letters and messages tell different stories after a crash',
      file: 'activities/record.ts',
      text: 'db.transaction(async (tx) => {',
      without: '((work: (tx: Transaction) => Promise<Booking>) => work(db as unknown as Transaction))(async (tx) => {',
      test: { file: RECORD, name: 'writes nothing at all when the last of its facts cannot be' },
    },
    {
      name: 'messages-in-order',
      against: 'I-32',
      keepsFrom: 'another house hears of a refund before the payment',
      file: 'db/outbox.ts',
      text: '        notExists(before),\n',
      without: '',
      test: {
        file: 'test/worker/publications.int.test.ts',
        name: 'holds back only the key whose oldest fact is refused',
      },
    },
    {
      name: 'one-publisher',
      against: 'I-32',
      keepsFrom: 'two processes tell the same key at once, in two orders',
      file: 'worker/publications.ts',
      text: 'lock: [LOCK, lane.number],',
      without: 'lock: [LOCK, process.pid],',
      test: {
        file: 'test/worker/publications.int.test.ts',
        name: 'keeps the order when two processes run, the one at work is cut off from the database and ends',
      },
    },
    {
      name: 'whose-payment-ignored-news-are',
      against: 'F4, F13',
      keepsFrom: 'a dispute that names the intent alone belongs to nobody when the news of its success was lost',
      file: 'adapters/gateways/stripe-webhook.ts',
      text: '  paymentId: subject?.metadata?.payment_id ?? null,\n',
      without: '  paymentId: null,\n',
      test: {
        file: 'test/adapters/stripe-webhook.test.ts',
        name: 'keeps whose it is all the same: later news of the same intent may not say it',
      },
    },
    {
      name: 'dispute-known-by-its-own-name',
      against: 'F4, F13',
      keepsFrom: 'news of a dispute that the gateway told us of lies for days, as nobody’s',
      file: 'db/inbox-work.ts',
      text: ', (${byDispute})',
      without: '',
      test: {
        file: 'test/worker/sweep.int.test.ts',
        name: 'finds the booking of a dispute that the gateway told us of before its webhook came',
      },
    },
  ],
};
