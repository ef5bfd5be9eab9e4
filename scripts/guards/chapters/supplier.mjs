// @ts-check
// Buying from the supplier's prepaid balance: at worst a second call is a second debit.

const DOUBT = 'test/workflows/supplier-doubt.int.test.ts';
const FULFILLING = 'test/workflows/fulfilling.int.test.ts';

/** @type {import('../table.mjs').Chapter} */
export const SUPPLIER = {
  title: 'The supplier',
  guards: [
    {
      name: 'looked-up-before-ordered-again',
      against: 'F8, I-4',
      keepsFrom: 'an order whose answer was lost is made again',
      file: 'activities/supplier-order.ts',
      text: "    if (!('kind' in found)) return recordFound(deps, stored, { order, fact: found });\n",
      without: '',
      test: { file: DOUBT, name: 'has exactly one order though the call broke off after it took effect' },
    },
    {
      name: 'absence-seen-twice',
      against: 'F8, I-12',
      keepsFrom: 'one empty look-up passes for proof that no order was made',
      file: 'activities/supplier-order.ts',
      text: 'const ABSENCES_NEEDED = 2;',
      without: 'const ABSENCES_NEEDED = 1;',
      test: { file: DOUBT, name: 'is not ordered again before two look-ups, late enough, came back empty' },
    },
    {
      name: 'absence-seen-late-enough',
      against: 'F8, I-12',
      keepsFrom: 'a call that is still at work is repeated',
      file: 'activities/call-trace.ts',
      text: "  if (waitMs > 0) throw notYet('the last call may still take effect', waitMs);\n",
      without: '',
      test: { file: DOUBT, name: 'is not ordered again before two look-ups, late enough, came back empty' },
    },
    {
      name: 'trace-before-call',
      against: 'F8, I-12',
      keepsFrom: 'a worker that died in a call leaves no sign that there was one',
      file: 'activities/call-trace.ts',
      text: '  await callBegins(deps.db, orderId, { call, at: deps.clock() });\n',
      without: '',
      test: { file: DOUBT, name: 'is debited exactly once though the payment broke off after it took effect' },
    },
    {
      name: 'looked-up-before-paid-again',
      against: 'F8, I-12',
      keepsFrom: 'an order whose payment was not answered is paid twice',
      file: 'activities/supplier-payment.ts',
      text: "  if (fact.paid || fact.status === 'pending' || fact.status === 'confirmed') return { kind: 'paid' };\n",
      without: '',
      test: { file: FULFILLING, name: 'is not paid for twice when staff paid by other means meanwhile' },
    },
    {
      name: 'price-of-the-order-itself',
      against: 'I-27',
      keepsFrom: 'an order that came out dearer than it was checked is paid all the same',
      file: 'activities/supplier-order.ts',
      text: "  affordable(product, net)\n    ? { kind: 'placed'",
      without: "  net.minor >= 0\n    ? { kind: 'placed'",
      test: {
        file: 'test/workflows/opening.int.test.ts',
        name: 'is released when the order came out dearer than was checked',
      },
    },
    {
      name: 'price-of-the-order-found-again',
      against: 'F8, I-27',
      keepsFrom: 'an order that came out too dear is paid after its answer was lost',
      file: 'activities/supplier-order.ts',
      text: "order.status === 'unpaid' ? standingAt",
      without: "order.status === 'placing' ? standingAt",
      test: {
        file: 'test/workflows/lost-answers.int.test.ts',
        name: 'an order that came out dearer than we may bear is still not bought',
      },
    },
    {
      name: 'order-taken-back-once',
      against: 'I-4, F8',
      keepsFrom: 'two that want an order back ask the supplier side by side, and call staff twice',
      file: 'workflows/release.ts',
      text: 'run.releasing.get(entry.target) ?? release(run, entry)',
      without: 'release(run, entry)',
      test: {
        file: 'test/workflows/lost-answers.int.test.ts',
        name: 'an order that two want back at once is taken back once, and calls staff once when it cannot be',
      },
    },
    {
      name: 'whose-order-a-duplicate-is',
      against: 'F8',
      keepsFrom: 'another order under our reference is taken for ours',
      file: 'adapters/suppliers/klook.ts',
      text: "  if (!isSameOrder(fact, order)) return { kind: 'duplicate_other_body', message: reply.message };\n",
      without: '',
      test: {
        file: 'test/contracts/supplier.test.ts',
        name: 'never takes an order of ours for another, repeats taken with a refusal',
      },
    },
    {
      name: 'whole-list-searched',
      against: 'F8, I-12',
      keepsFrom: 'an order on the second page of the list counts as never made',
      file: 'adapters/suppliers/klook.ts',
      text: '    if (seen.size > before) continue;\n',
      without: '    if (seen.size > before) return absent;\n',
      test: { file: 'test/contracts/supplier.test.ts', name: 'finds one order among many' },
    },
    {
      name: 'rejected-order-was-paid',
      against: 'F8, I-26',
      keepsFrom: 'what a rejected order moved on our balance, there and back behind a lost answer, is in no books',
      file: 'activities/supplier-ending.ts',
      text: '(refunded || wasPaid(cancel))',
      without: 'wasPaid(cancel)',
      test: {
        file: 'test/workflows/stuck.int.test.ts',
        name: 'is not an order that was rejected behind a lost answer: the customer gets the money back',
      },
    },
  ],
};
