// The activities as the workflows call them: how long each may take, and the words operators read beside it.
import { proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;

/** On the path where a customer waits for the answer to a click. */
export const opening = verbs(
  { openPayment: 'Open the payment at its gateway' },
  {
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '2m',
    retry: { ...RETRY, initialInterval: '300ms', maximumInterval: '5s' },
  },
);
export const looks = verbs(
  {
    lookPayment: 'Ask the gateway how the payment stands',
    closePayment: 'Close the payment at its gateway',
    captureHeld: 'Take the money that is held',
    takeOnArrival: 'Note that staff took the money',
    noteAbandoned: 'Note that the customer came back unpaid',
    readBooking: 'Read the booking',
    recordMilestone: 'Write down how far the booking has come',
    requestResend: 'Send the confirmation again',
    lookDisputes: 'Ask the gateway how its disputes stand',
    claimLateMoney: 'Claim money that came after the end',
    clearAttention: 'Call off the attention of staff',
  },
  { startToCloseTimeout: '10s', scheduleToCloseTimeout: '15m', retry: RETRY },
);
export const refunding = verbs(
  {
    reserveRefund: 'Set the refund aside',
    approveRefund: 'Approve the refund',
    withdrawRefund: 'Withdraw the refund',
    executeRefund: 'Refund at the gateway',
    reserveDuplicates: 'Set the return of a second payment aside',
    settleRefundByHand: 'Note a refund made by hand',
    dropRefund: 'Drop a refund that was not handed out',
  },
  { startToCloseTimeout: '15s', scheduleToCloseTimeout: '15m', retry: RETRY },
);
export const supplying = verbs(
  {
    placeOrder: 'Order from the supplier',
    payOrder: 'Pay the supplier from our balance',
    cancelOrder: 'Cancel the supplier order',
    writeOffOrder: 'Write the supplier order off',
  },
  { startToCloseTimeout: '30s', scheduleToCloseTimeout: '15m', retry: RETRY },
);
export const drawing = verbs(
  { issueDocuments: 'Draw voucher and receipt', drawEvidence: 'Draw the evidence for the bank' },
  // Drawing outlives a dead worker only by the heartbeat: the customer's letter waits for it.
  { startToCloseTimeout: '60s', heartbeatTimeout: '8s', scheduleToCloseTimeout: '15m', retry: RETRY },
);
/** They say "not yet" by failing with the time of the next try: hours of waiting cost no history. */
export const waiting = verbs(
  { awaitVouchers: 'Wait for the vouchers', awaitRefund: 'Wait for the gateway to finish the refund' },
  { startToCloseTimeout: '30s', scheduleToCloseTimeout: '6h', retry: RETRY },
);
export const deciding = verbs(
  { awaitOrder: 'Wait for the supplier to decide' },
  { startToCloseTimeout: '30s', scheduleToCloseTimeout: '15m', retry: RETRY },
);
/** A lost webhook costs minutes: this one activity asks again and again, and leaves no trace in the history. */
export const polls = verbs(
  { pollPayment: 'Ask the gateway now and then, in case its word is lost' },
  {
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '8d',
    retry: { initialInterval: '30s', backoffCoefficient: 1 },
  },
);
/** Attention is raised even while the database is away; the caller goes on without it. */
export const attending = verbs(
  { raiseAttention: 'Call staff' },
  { startToCloseTimeout: '10s', scheduleToCloseTimeout: '1m', retry: RETRY },
);

function verbs<Verb extends keyof Activities>(
  summaries: Readonly<Record<Verb, string>>,
  options: ActivityOptions,
): Pick<Activities, Verb> {
  const proxies = Object.entries<string>(summaries).map(([verb, summary]) => [
    verb,
    proxyActivities<Record<string, Activities[Verb]>>({ ...options, summary })[verb],
  ]);
  // Each verb keeps its own signature; only Object.fromEntries forgets which is which.
  return Object.fromEntries(proxies) as Pick<Activities, Verb>;
}
