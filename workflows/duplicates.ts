// Money that pays for no trip: it came beside what does, or is not what the booking costs.
import type { ReservedReturn } from '../activities/refund.ts';
import { beside, withReceipt } from './deliver.ts';
import { insist } from './refunds.ts';
import type { Run } from './run.ts';
import { attemptUntil } from './steps.ts';
import { refunding } from './verbs.ts';
import { show } from './view.ts';

export async function returnDuplicates(run: Run): Promise<void> {
  const { owed, now } = await attemptUntil(run, {
    name: 'return the second payment',
    call: () => refunding.reserveDuplicates({ bookingId: run.bookingId }),
  });
  show(run, now);
  for (const each of owed) beside(run, () => returnDuplicate(run, each));
}

async function returnDuplicate(run: Run, { refundId, ...asked }: ReservedReturn): Promise<void> {
  const owed = { ...asked, actor: 'workflow' } as const;
  await withReceipt(run, insist(run, { name: refundId, ...owed }));
}
