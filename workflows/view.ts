// What operators see of a booking in the Temporal Web UI: live text and search attributes, nothing personal.
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SearchAttributePair } from '@temporalio/common';
import { hasOpenDispute } from '../domain/digest.ts';
import type { Digest } from '../domain/digest.ts';
import { formatMajor } from '../domain/money.ts';
import type { BookingView } from './messages.ts';
import { searchAttributes as keys } from './messages.ts';
import type { Run, Stage } from './run.ts';

const ATTENTION = 'needs_attention';

/** Takes over the newest state, whichever answer arrived first. Each upsert of attributes is an event in the history. */
export function show(run: Run, now: Digest | null): void {
  if (now && (!run.now || now.version >= run.now.version)) run.now = now;
  if (run.now) display(run, run.now);
}

/** Another part of the story begins. */
export function enter(run: Run, stage: Stage): void {
  run.stage = stage;
  show(run, run.now);
}

function display(run: Run, now: Digest): void {
  const status = run.parked.length > 0 ? ATTENTION : now.status;
  setCurrentDetails(detailsOf(run, now, status));
  const attributes = run.stage === 'late' ? ofLateMoney(status) : changing(now, status);
  if (!isWorthAnEvent(run, attributes)) return;
  const first = run.shownAttributes.length === 0;
  run.shownStatus = status;
  run.shownAttributes = attributes;
  upsertSearchAttributes([...(first ? lasting(now) : []), ...attributes]);
}

/** On the way only what people search by then; at rest all of it must be right. */
function isWorthAnEvent({ stage, shownAttributes }: Run, attributes: readonly SearchAttributePair[]): boolean {
  const watched = ON_THE_WAY.includes(stage)
    ? attributes.filter(({ key }) => SOUGHT_ON_THE_WAY.includes(key.name))
    : attributes;
  return watched.some(
    ({ key, value }) => shownAttributes.find((shown) => shown.key.name === key.name)?.value !== value,
  );
}

const ON_THE_WAY: readonly Stage[] = ['opening', 'collecting', 'fulfilling', 'compensating'];
const SOUGHT_ON_THE_WAY: readonly string[] = [keys.BookingStatus.name, keys.PaymentRef.name];

function lasting(now: Digest): SearchAttributePair[] {
  return [
    { key: keys.Storefront, value: now.storefront },
    { key: keys.AmountMinor, value: now.amountMinor },
    { key: keys.Currency, value: now.currency },
    { key: keys.DeadlineAt, value: new Date(now.expiresAt) },
    ...(now.serviceAt ? [{ key: keys.ServiceDate, value: new Date(now.serviceAt) }] : []),
  ];
}

function changing(now: Digest, status: string): SearchAttributePair[] {
  return [
    { key: keys.BookingStatus, value: status },
    { key: keys.PaymentStatus, value: hasOpenDispute(now) ? 'disputed' : now.paymentStatus },
    { key: keys.SupplierStatus, value: now.supplierStatus },
    { key: keys.NeedsAttention, value: status === ATTENTION },
    ...(now.gateway ? [{ key: keys.Gateway, value: now.gateway }] : []),
    ...(now.paymentRef ? [{ key: keys.PaymentRef, value: now.paymentRef }] : []),
    ...(now.supplierRef ? [{ key: keys.SupplierRef, value: now.supplierRef }] : []),
  ];
}

/** Its booking is found by its own workflow; this one only when it needs a person. */
const ofLateMoney = (status: string): SearchAttributePair[] => [
  { key: keys.NeedsAttention, value: status === ATTENTION },
];

function detailsOf(run: Run, now: Digest, status: string): string {
  const amount = (minor: number): string => `${now.currency} ${formatMajor({ minor, currency: now.currency })}`;
  const lines = [
    `**${now.number}** · ${status.replaceAll('_', ' ')}`,
    '',
    `- Charge ${amount(now.amountMinor)}, captured ${amount(now.capturedMinor)}, refunded ${amount(now.refundedMinor)}`,
    `- Payment ${now.paymentStatus}${now.paymentRef ? ` (${now.paymentRef})` : ''}`,
    `- Supplier order ${now.supplierStatus}${now.supplierRef ? ` (${now.supplierRef})` : ''}`,
    ...now.disputes.map((it) => `- Dispute ${it.ref} ${it.standing}, ${amount(it.amountMinor)}`),
    `- ${waitingFor(run, now)}`,
  ];
  const advice = run.parked.map((step) => `- **${step.name}**: ${step.reason}`);
  if (advice.length === 0) return lines.join('\n');
  return [...lines, '', 'Needs a person:', ...advice, '', WHAT_TO_DO].join('\n');
}

const WHAT_TO_DO =
  'Mend the cause, then send the update `retryStep`. If the step was done by hand send `resolve` with `done`, ' +
  'if it never can be done `impossible`. A refund that came back is sent again by `retryStep`. `compensate` stops the booking and gives the money back. ' +
  'Do not terminate: nothing would be taken back.';

const WAITING: Readonly<Record<Stage, string>> = {
  opening: 'Opening the payment',
  collecting: 'Waiting for the customer to pay',
  fulfilling: 'Buying from the supplier',
  compensating: 'Taking back what was done',
  serving: 'At rest: open for refunds, cancellation and late news',
  over: 'Over: nobody can ask for money any more',
  late: 'Giving back money that came after the booking was over',
};

function waitingFor(run: Run, now: Digest | null): string {
  const until = run.stage === 'collecting' && now ? ` until ${now.expiresAt}` : '';
  return `${WAITING[run.stage]}${until}`;
}

export const viewOf = (run: Run): BookingView => ({
  stage: run.stage,
  status: run.shownStatus,
  waitingFor: waitingFor(run, run.now),
  attention: run.parked.map((step) => `${step.name}: ${step.reason}`).join('; ') || null,
  undo: run.undo,
});
