// Money that pays for no trip: it came beside what does, or is not what the booking costs.
import type { ReservedReturn } from '../activities/refund.ts';
import { MISPAID } from '../domain/payment-facts.ts';
import { beside, withReceipt } from './deliver.ts';
import { insist } from './refunds.ts';
import type { Run } from './run.ts';
import { attemptUntil, untilSeen } from './steps.ts';
import { refunding } from './verbs.ts';
import { show } from './view.ts';

export async function returnDuplicates(run: Run): Promise<void> {
  const { owed, now } = await attemptUntil(run, {
    name: 'return the second payment',
    call: () => refunding.reserveDuplicates({ bookingId: run.bookingId }),
  });
  show(run, now);
  for (const each of owed) {
    beside(run, () => returnDuplicate(run, each));
    if (each.reason === MISPAID) callStaff(run, each);
  }
}

/** A person finds out why the gateway took what nobody had asked for. */
function callStaff(run: Run, { refundId }: ReservedReturn): void {
  const name = `the money of ${refundId}`;
  if (run.parked.some((step) => step.name === name)) return;
  beside(run, async () => void (await untilSeen(run, name, MISPAID)));
}

async function returnDuplicate(run: Run, { refundId, ...asked }: ReservedReturn): Promise<void> {
  const owed = { ...asked, actor: 'workflow' } as const;
  await withReceipt(run, insist(run, { name: refundId, ...owed }));
}
