// @ts-check
// What customers and programs ask for: once, at the server's price, on terms that still hold.

/** @type {import('../table.mjs').Chapter} */
export const REQUESTS = {
  title: 'Requests',
  guards: [
    {
      name: 'idempotency-key',
      against: 'I-15',
      keepsFrom: 'the same request at the same moment has its effect twice',
      file: 'db/idempotency.ts',
      text: 'setWhere: sql`${idempotency.bodyHash} = ${use.bodyHash} and ${idempotency.status} is null and ${idempotency.claimedUntil} <= now()`,',
      without: 'setWhere: sql`true`,',
      test: {
        file: 'test/api/idempotency.int.test.ts',
        name: 'lets one of many at once through, and all get its answer',
      },
    },
    {
      name: 'identity-staked-once',
      against: 'F6, I-15',
      keepsFrom: 'the same request, sent many times at once, is many bookings',
      file: 'db/intake.ts',
      text: ' : sql`false`,',
      without: ' : sql`true`,',
      test: {
        file: 'test/api/trektoo-create.int.test.ts',
        name: 'sent 100 times at once without any reference makes one booking too',
      },
    },
    {
      name: 'server-decides-the-price',
      against: 'I-2',
      keepsFrom: 'a customer pays what he likes',
      file: 'api/desk/activity.ts',
      text: '  if (asked && equals(asked, charge)) return { charge, fxRate };\n',
      without: '  if (asked) return { charge: asked, fxRate };\n',
      test: {
        file: 'test/api/trektoo-contract.int.test.ts',
        name: 'create-intent.unacceptable.json: an amount that is not net + markup',
      },
    },
    {
      name: 'quote-still-holds',
      against: 'I-26',
      keepsFrom: 'a sum is given back that was quoted before other money went back',
      file: 'api/desk/cancellation.ts',
      text: ' && stillHolds(booking, quote);',
      without: ';',
      test: {
        file: 'test/api/native-cancelling.int.test.ts',
        name: 'refused because money moved is refused again, however often it is sent',
      },
    },
    {
      name: 'quote-runs-out',
      against: 'I-26',
      keepsFrom: 'a quote of yesterday gives back by terms that are over',
      file: 'api/desk/cancellation.ts',
      text: '!hasRunOut',
      without: 'true',
      test: {
        file: 'test/api/native-cancelling.int.test.ts',
        name: 'that has run out is refused again, and stays unused',
      },
    },
    {
      name: 'no-way-round-the-second-person',
      against: 'I-13',
      keepsFrom: 'a trip that was sold is given back whole by one person, as a compensation',
      file: 'api/desk/refunding.ts',
      text: '  if (!wasSold || returning <= limitMinor(desk, currency)) return;\n',
      without: '  if (!wasSold || returning >= 0) return;\n',
      test: {
        file: 'test/api/native-made.int.test.ts',
        name: 'gives no trip that stands back around the second person',
      },
    },
    {
      name: 'cart-version',
      against: 'I-16',
      keepsFrom: 'of two changes to a cart one is lost',
      file: 'db/carts.ts',
      text: '.where(and(eq(carts.id, at.cartId), eq(carts.version, at.version)))',
      without: '.where(eq(carts.id, at.cartId))',
      test: {
        file: 'test/db/carts.int.test.ts',
        name: 'give each version to one change only, however many come at once, and lose nothing',
      },
    },
    {
      name: 'opened-is-not-refused',
      against: 'F8, F10',
      keepsFrom: 'a payment that one try opened is written off by another that was refused',
      file: 'activities/payment.ts',
      text: '      if (opened) return [];\n',
      without: '',
      test: {
        file: 'test/activities/payment-opening.int.test.ts',
        name: 'is open, and paid when it is paid: neither it nor its booking is called off',
      },
    },
    {
      name: 'page-of-the-payment-on-record',
      against: 'F8, F10',
      keepsFrom: 'people are led to a page that another try opened, of which nobody asks whether it was paid',
      file: 'activities/payment.ts',
      text: '      if (recorded.length === 0) return;\n',
      without: '',
      test: {
        file: 'test/activities/payment-opening.int.test.ts',
        name: 'leads to the page that is on record, where each of two tries opened one of its own',
      },
    },
    {
      name: 'sold-once-until-ordered',
      against: 'I-16, F6',
      keepsFrom: 'a cart whose money was taken and whose order is not made yet is sold a second time',
      file: 'db/checkouts.ts',
      text: "'processing', 'confirming', 'expired'",
      without: "'processing', 'expired'",
      test: {
        file: 'test/api/cart-rivals.int.test.ts',
        name: 'is not made twice while no order was made of what was paid a moment ago',
      },
    },
    {
      name: 'desk-money-has-its-own-number',
      against: 'I-17, I-13',
      keepsFrom: 'money taken at the desk overwrites a payment that nobody had been sent to make',
      file: 'workflows/collect.ts',
      text: 'Math.max(run.attempt, mustKnow(run).lastAttempt ?? 0) + 1',
      without: 'run.attempt + 1',
      test: {
        file: 'test/workflows/on-arrival.int.test.ts',
        name: 'is a payment of its own beside one that nobody had been sent to pay',
      },
    },
    {
      name: 'attempt-taken-once',
      against: 'F6, I-1',
      keepsFrom: 'who asks to pay with an old number in mind takes the newest attempt back',
      file: 'db/intake.ts',
      text: '.where(and(eq(bookings.id, bookingId), eq(bookings.attempt, dead)))',
      without: '.where(eq(bookings.id, bookingId))',
      test: { file: 'test/db/record.int.test.ts', name: 'takes the number of an attempt once, and never one back' },
    },
  ],
};
