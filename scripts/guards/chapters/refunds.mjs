// @ts-check
// Money going back: once, to the final word, and never beside a bank that has it.

const SERVING = 'test/workflows/serving.int.test.ts';
const CAME_BACK = 'test/workflows/came-back.int.test.ts';
const TAKING_BACK = 'test/workflows/taking-back.int.test.ts';
const RECORD = 'test/db/record.int.test.ts';
const CHIP = 'test/activities/chip-refunds.int.test.ts';

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
      file: 'activities/refund.ts',
      text: `    if (refund.status === 'succeeded' || refund.status === 'failed') return endOf(booking, refund);
    const payment = paymentOf(booking, refund.paymentId);
    const fact = await askForRefund(`,
      without: `    const payment = paymentOf(booking, refund.paymentId);
    const fact = await askForRefund(`,
      test: {
        file: 'test/activities/chip-refunds.int.test.ts',
        name: 'that staff gave back by hand meanwhile are not made, whoever still tries',
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
      text: '    await tx.update(refunds).set({ calledAt: deps.clock() }).where(eq(refunds.id, refundId));\n',
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
      name: 'dashboard-refund-counted-once',
      against: 'F10',
      keepsFrom: 'a refund made in the gateway’s dashboard is recorded with every look',
      file: 'activities/returns.ts',
      text: 'refunded.minor - totalMinor(madeAtGateway(booking, payment));',
      without: 'refunded.minor;',
      test: {
        file: SERVING,
        name: 'is a refund of ours when it was made in its dashboard, and counts once however often it is heard of',
      },
    },
    {
      name: 'dashboard-refund-heard',
      against: 'F10, I-28',
      keepsFrom: 'money that went back in the dashboard is money in our books',
      file: 'activities/payment-news.ts',
      text: 'return [...factsLearned(known, fact), ...stillOut, ...elsewhere];',
      without: 'return [...factsLearned(known, fact), ...stillOut];',
      test: {
        file: SERVING,
        name: 'is a refund of ours when it was made in its dashboard, and counts once however often it is heard of',
      },
    },
    {
      name: 'bounced-refund-owed-again',
      against: 'F11',
      keepsFrom: 'a refund that a bank sent back stays called done',
      file: 'activities/returns.ts',
      text: "(fate.kind === 'failed' ? [{ refund, ...fate }] : [])",
      without: "(fate.kind === 'failed' && refund.id === '' ? [{ refund, ...fate }] : [])",
      test: { file: SERVING, name: 'is owed again when a refund that had succeeded comes back, and staff are called' },
    },
    {
      name: 'bounced-refund-given-again',
      against: 'F11',
      keepsFrom: 'staff say that a refund which came back goes again, and nothing goes',
      file: 'workflows/came-back.ts',
      text: "    if (resolution === 'done' || (await giveAgain(run, refund, { actor, turn }))) return afterReturn(run);\n",
      without: "    if (resolution === 'done' || turn + actor.length > 0) return afterReturn(run);\n",
      test: { file: CAME_BACK, name: 'goes again once staff say so, on the payment it had gone back on' },
    },
    {
      name: 'bounced-refund-on-its-own-payment',
      against: 'F11',
      keepsFrom: 'a refund that came back is sent again on the payment of another trip',
      file: 'domain/refund-verdict.ts',
      text: '  paymentId === undefined ? sourcesOf(booking, cause) : [paymentOf(booking, paymentId)];',
      without: '  sourcesOf(booking, cause);',
      test: {
        file: CAME_BACK,
        name: 'goes again to the customer of the trip before, though the booking was sold anew: after it was confirmed',
      },
    },
    {
      name: 'word-for-one-step',
      against: 'F10, F11',
      keepsFrom: 'a word that staff gave for another step sends a refund again',
      file: 'workflows/handlers.ts',
      text: 'isShownAlone || !step.byNameOnly',
      without: 'isShownAlone || step.id.length > 0',
      test: { file: CAME_BACK, name: 'goes by no word that was meant for another step' },
    },
    {
      name: 'bounce-not-read-beside-a-bank',
      against: 'F11, F13',
      keepsFrom: 'a gateway that is silent while a bank has the payment is taken to have the refund back',
      file: 'activities/returns.ts',
      text: 'isTold(fact) ? missingOf(unnamed, shortMinor) : []',
      without: 'missingOf(unnamed, shortMinor)',
      test: { file: CAME_BACK, name: 'is not read out of what a gateway says while a bank has the payment' },
    },
    {
      name: 'bounce-found-by-its-sum',
      against: 'F11',
      keepsFrom: 'of two refunds made in the dashboard the wrong one is owed again',
      file: 'activities/returns.ts',
      text: 'unnamed.findLast(({ amount }) => amount.minor === shortMinor)',
      without: 'unnamed.at(-1)',
      test: { file: CAME_BACK, name: 'is the one of two made there whose sum is missing' },
    },
    {
      name: 'limit-counts-what-came-back',
      against: 'I-13',
      keepsFrom: 'what came back and may go again makes room under the limit of one person',
      file: 'domain/booking.ts',
      text: '[...standing, ...mayGoAgain].filter(',
      without: '[...standing, ...mayGoAgain.slice(0, 0)].filter(',
      test: { file: CAME_BACK, name: 'counts towards what may be given without a second person' },
    },
    {
      name: 'late-money-back-by-a-person',
      against: 'F10, F11',
      keepsFrom: 'late money that came back once is sent again with nobody’s word',
      file: 'activities/refund.ts',
      text: '        .filter(({ id }) => !booking.refunds.some((refund) => refund.paymentId === id && refund.cameBack))\n',
      without: '',
      test: { file: CAME_BACK, name: 'of late money waits for a person too, whatever else lets go of money meanwhile' },
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
