// @ts-check
// Money going back: once, to the final word, and never beside a bank that has it.

const SERVING = 'test/workflows/serving.int.test.ts';
const TAKING_BACK = 'test/workflows/taking-back.int.test.ts';
const RECORD = 'test/db/record.int.test.ts';
const CHIP = 'test/activities/chip-refunds.int.test.ts';
const RACES = 'test/activities/refund-races.int.test.ts';

/** @type {import('../table.mjs').Chapter} */
export const REFUNDS = {
  title: 'Refunds',
  guards: [
    {
      name: 'one-name-one-refund',
      against: 'F10, F12',
      keepsFrom: 'a refund that is asked for again is a second refund',
      file: 'domain/refund-verdict.ts',
      text: "  if (booking.refunds.some((r) => r.id === wish.refundId)) return { kind: 'known' };\n",
      without: '',
      test: { file: RECORD, name: 'reserve once under one name, however often it is asked' },
    },
    {
      name: 'approval-limit',
      against: 'I-13',
      keepsFrom: 'one person gives back any sum alone',
      file: 'domain/refund-verdict.ts',
      text: 'needsApproval: approvalLimitMinor !== null && exceeds(booking, given, approvalLimitMinor),',
      without: 'needsApproval: approvalLimitMinor !== null && !exceeds,',
      test: { file: SERVING, name: 'above the limit waits for somebody’s approval, and is made once' },
    },
    {
      name: 'limit-counts-together',
      against: 'I-13',
      keepsFrom: 'a large refund is made of small ones, past the second person',
      file: 'domain/refund-verdict.ts',
      text: 'staffRefundsMinor(booking, currency) + minor <= limitMinor',
      without: 'minor <= limitMinor',
      test: { file: RECORD, name: 'cannot pass the limit of one person together' },
    },
    {
      name: 'approved-by-another',
      against: 'I-13',
      keepsFrom: 'who asks for a refund approves it',
      file: 'activities/refund.ts',
      text: `      if (refund.actor === actor) {
        kind = 'same_person';
        return [];
      }
`,
      without: '',
      test: { file: SERVING, name: 'above the limit waits for somebody’s approval, and is made once' },
    },
    {
      name: 'pending-is-not-succeeded',
      against: 'F11, I-3',
      keepsFrom: 'a refund is called done that the gateway still works on',
      file: 'activities/refund.ts',
      text: "return { type: 'refund.pending', refundId, ref: fact.ref };",
      without: "return { type: 'refund.succeeded', refundId, ref: fact.ref };",
      test: { file: TAKING_BACK, name: 'is called returned only when the gateway says so' },
    },
    {
      name: 'final-refund-not-sent-again',
      against: 'F10',
      keepsFrom: 'a refund that has its end is sent to the gateway once more',
      file: 'activities/refund-call.ts',
      text: "    if (!isReserved(refundOf(stored.booking, refundId))) return { kind: 'over' };\n",
      without: '',
      test: { file: RACES, name: 'ask no gateway for what staff gave by hand while they waited' },
    },
    {
      name: 'claim-checked-under-lock',
      against: 'F10',
      keepsFrom: 'two tries of one refund that run at once ask the gateway twice',
      file: 'activities/refund-call.ts',
      text: "    if ((await lastAsked(tx, refundId)) !== askedAt) return { kind: 'just_asked' };\n",
      without: '',
      test: {
        file: RACES,
        name: 'ask the gateway once, though both had waited for the booking before either had asked',
      },
    },
    {
      name: 'late-refusal-takes-nothing-back',
      against: 'F10, F11',
      keepsFrom: 'a try that ends late takes back what staff gave by hand meanwhile',
      file: 'activities/refund.ts',
      text: "fact.kind === 'succeeded' || isReserved(refundOf(booking, refundId))",
      without: "fact.kind === 'succeeded' || refundOf(booking, refundId).id !== ''",
      test: { file: RACES, name: 'do not take back what staff said meanwhile, when they end in a refusal' },
    },
    {
      name: 'claim-gone-stale',
      against: 'F10',
      keepsFrom: 'a try that stood still asks for a refund after staff gave it by hand',
      file: 'adapters/gateways/chip-refunds.ts',
      text: 'desk.nowMs() - Date.parse(order.askedAt) > CLAIM_LIVES_MS',
      without: 'desk.nowMs() - Date.parse(order.askedAt) > Infinity',
      test: {
        file: 'test/adapters/chip-refunds.test.ts',
        name: 'is not asked for by a try that stood still since it was written down',
      },
    },
    {
      name: 'looked-up-before-asked-again',
      against: 'F8, F10',
      keepsFrom: 'a refund whose answer was lost is made twice where the gateway knows no keys',
      file: 'activities/refund-call.ts',
      text: '  if (asked.askedAt !== undefined) {',
      without: '  if (asked.askedAt === null) {',
      test: { file: CHIP, name: 'whose call was lost are made when it is proven that they were not' },
    },
    {
      name: 'written-down-before-the-call',
      against: 'F8, F10',
      keepsFrom: 'nobody knows that the gateway may have been asked',
      file: 'activities/refund-call.ts',
      text: '    await tx.update(refunds).set({ calledAt }).where(eq(refunds.id, refundId));\n',
      without: '',
      test: { file: CHIP, name: 'whose call was lost are made when it is proven that they were not' },
    },
    {
      name: 'one-refund-at-a-time',
      against: 'F10',
      keepsFrom: 'of two refunds of one purchase one is taken for the other',
      file: 'activities/refund-call.ts',
      text: "    if (oneByOne && (await isAnotherUnderWay(tx, refundId, payment.id))) return { kind: 'another_under_way' };\n",
      without: '',
      test: {
        file: CHIP,
        name: 'are asked for one by one, so that what became of the one is never taken for the other',
      },
    },
    {
      name: 'frozen-at-the-call',
      against: 'F13, I-3',
      keepsFrom: 'a refund that was set aside before a dispute leaves after it',
      file: 'activities/refund-call.ts',
      text: "    if (isFrozen(stored.booking, payment)) return { kind: 'frozen' };\n",
      without: '',
      test: {
        file: 'test/workflows/disputes-stuck.int.test.ts',
        name: 'is not sent when the dispute is known before the gateway was asked',
      },
    },
    {
      name: 'earned-by-the-trip-before',
      against: 'I-27',
      keepsFrom: 'a refund of what an earlier trip earned is booked as a customer’s advance',
      file: 'domain/ledger.ts',
      text: 'payment.ofEarlierTrip ? payment.earnedEarlier : before.confirmedAt !== null',
      without: '!payment.ofEarlierTrip && before.confirmedAt !== null',
      test: {
        file: 'test/domain/disputes.test.ts',
        name: 'and comes back after the second sale is revenue again, whatever a bank took beside it',
      },
    },
    {
      name: 'lost-of-what-was-earned',
      against: 'F13, I-27',
      keepsFrom: 'what a bank took of an earlier trip’s revenue is booked as less owed to its customer',
      file: 'domain/dispute-postings.ts',
      text: 'payment.earnedEarlier || (booking.confirmedAt',
      without: '(booking.confirmedAt',
      test: {
        file: 'test/domain/disputes.test.ts',
        name: 'and a bank took since is our loss: none of it is owed to the customer',
      },
    },
    {
      name: 'by-hand-leaves-the-gateway-alone',
      against: 'I-28',
      keepsFrom: 'what staff gave back by other means is booked out of the gateway’s account',
      file: 'domain/ledger.ts',
      text: "isMadeByHand(refund) && gateway !== 'on_arrival' ? 'by_hand' : gateway",
      without: 'gateway',
      test: { file: 'test/domain/ledger.test.ts', name: 'leaves at the gateway what staff gave back by other means' },
    },
    {
      name: 'compensate-under-the-limit',
      against: 'I-13',
      keepsFrom: 'one person gives back a whole trip, once anything needs attention',
      file: 'api/desk/refunding.ts',
      text: "const wasSold = isServed(booking.phase) || (booking.phase === 'cancelled' && booking.confirmedAt !== null);",
      without: 'const wasSold = booking.attention === null && isServed(booking.phase);',
      test: { file: 'test/api/native-made.int.test.ts', name: 'nor after an attention' },
    },
    {
      name: 'raised-until-seen',
      against: 'F15, L-4',
      keepsFrom: 'a step that waits for a word alone is shown to nobody, when the database was away',
      file: 'workflows/steps.ts',
      text: '    keepRaising(run, parked);\n    return await work(parked);',
      without: '    return await work(parked);',
      test: {
        file: 'test/workflows/on-arrival.int.test.ts',
        name: 'is in view of staff as soon as they can be told, though nobody could be when it was promised',
      },
    },
    {
      name: 'owed-until-arrived',
      against: 'F11, I-25',
      keepsFrom: 'a return that the gateway refused is forgotten',
      file: 'workflows/refunds.ts',
      text: "  if ((await finishOwed(run, owed.name)) !== 'succeeded') await giveBack(run, owed);\n",
      without: '  await finishOwed(run, owed.name);\n',
      test: {
        file: 'test/workflows/late-money.int.test.ts',
        name: 'is insisted on after the end as well when the gateway refuses the refund',
      },
    },
  ],
};
