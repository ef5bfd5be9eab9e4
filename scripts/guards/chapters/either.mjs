// @ts-check
// Two payments for one trip, of which either may go back.

const RETURNS = 'test/activities/returns.test.ts';
const TWICE = 'test/workflows/two-successes.int.test.ts';
const VERDICT = 'test/domain/refund-verdict.test.ts';

/** @type {import('../table.mjs').Chapter} */
export const EITHER = {
  title: 'Two payments of which either goes back, and the other pays',
  guards: [
    {
      name: 'dashboard-return-of-the-second',
      against: 'F3, F10',
      keepsFrom: 'a second payment returned in the dashboard makes the one that bought the trip go back too',
      file: 'domain/payment-facts.ts',
      text: "  if (paying.id !== payment.id) return 'duplicate';\n",
      without: "  if (paying.id !== payment.id) return 'staff';\n",
      test: { file: RETURNS, name: 'is the return of whichever it was made on: attempt 2' },
    },
    {
      name: 'either-of-two-payments-will-do',
      against: 'F3, F10',
      keepsFrom: 'of two payments staff return the older one in the dashboard, and the other goes back by itself',
      file: 'domain/payment-facts.ts',
      text: 'return minor === payment.capturedMinor && mayTakeOver',
      without: 'return minor > payment.capturedMinor && mayTakeOver',
      test: { file: RETURNS, name: 'is the return of whichever it was made on: attempt 1' },
    },
    {
      name: 'one-of-two-is-owed-back',
      against: 'F10, F11',
      keepsFrom:
        'two payments stay with us and nobody is called, because the one whose return bounced pays for the trip again',
      file: 'domain/payment-facts.ts',
      text: "return mayTakeOver(booking, payment) ? cause : 'staff';",
      without: "return 'staff';",
      test: {
        file: 'test/domain/beside-the-trip.test.ts',
        name: 'is for staff to see: one of the two goes back',
      },
    },
    {
      name: 'pays-for-the-trip-by-now',
      against: 'F10, F11',
      keepsFrom: 'staff are asked to give back what pays for the trip, since the other payment went back in its place',
      file: 'workflows/came-back.ts',
      text: ' || paysTripNow(run, refund);',
      without: ';',
      test: {
        file: TWICE,
        name: 'pays for the trip once staff gave back the other in the dashboard: nobody is asked to return it any more',
      },
    },
    {
      name: 'owed-again-by-turns',
      against: 'F10, F11',
      keepsFrom: 'of two payments that both came back neither is in view of staff',
      file: 'workflows/came-back.ts',
      text: '  run.returned.splice(run.returned.indexOf(refundId), 1);\n',
      without: '',
      test: { file: TWICE, name: 'is owed again when what staff gave back instead came back as well' },
    },
    {
      name: 'trip-not-sent-as-a-second',
      against: 'F3, F11',
      keepsFrom: 'a word of staff sends back both payments, and the trip goes on',
      file: 'domain/refund-verdict.ts',
      text: 'paymentId !== undefined && paysByNow(',
      without: 'paymentId === cause && paysByNow(',
      test: { file: VERDICT, name: 'is not made: its payment pays for the trip' },
    },
    {
      name: 'cause-of-a-gift-as-it-is-now',
      against: 'F11, I-27, I-29',
      keepsFrom: 'the trip’s payment is given by hand under the cause of before, and its revenue stays in the books',
      file: 'domain/given-by-hand.ts',
      text: 'cause: causeNow(booking, refund)',
      without: 'cause: refund.cause ?? causeNow(booking, refund)',
      test: {
        file: VERDICT,
        name: 'takes the trip’s revenue back when a person says that he gave it by other means: what came back',
      },
    },
    {
      name: 'cause-of-what-was-refused-as-it-is-now',
      against: 'F11, I-27, I-29',
      keepsFrom: 'what was refused as a second payment is given by hand as one, though it pays for the trip by now',
      file: 'domain/refund-verdict.ts',
      text: 'const cause = causeNow(booking, { cause: wish.cause, paymentId });',
      without: 'const cause = wish.cause;',
      test: {
        file: VERDICT,
        name: 'takes the trip’s revenue back when a person says that he gave it by other means: instead of what was refused',
      },
    },
  ],
};
