// The papers: drawn once the trip is confirmed, and again when vouchers come late or money went back.
import { CancellationScope } from '@temporalio/workflow';
import type { Run } from './run.ts';
import { StepImpossible, attemptUntil } from './steps.ts';
import { drawing, waiting } from './verbs.ts';
import { show } from './view.ts';

/** All papers, unless only the receipt has changed. */
export async function issueDocuments(run: Run, only?: 'receipt'): Promise<void> {
  run.documentVersion += 1;
  const papers = { bookingId: run.bookingId, version: run.documentVersion, ...(only && { only }) };
  const issued = await attemptUntil(run, { name: 'draw the documents', call: () => drawing.issueDocuments(papers) });
  show(run, issued.now);
}

/** Drawn while the money goes back, for the letter about it, and again when it has arrived; it waits for no drawing. */
export async function withReceipt(run: Run, returning: Promise<void>): Promise<void> {
  await Promise.all([issueDocuments(run, 'receipt'), returning]);
  await issueDocuments(run, 'receipt');
}

/** Vouchers may come hours after the confirmation: the booking is served meanwhile. */
export function issueLateVouchers(run: Run, order: { bookingId: string; generation: number }): void {
  beside(run, async () => {
    const call = () => waiting.awaitVouchers(order);
    const wait = { name: 'wait for the vouchers', call, mayBeImpossible: true } as const;
    const awaited = await attemptUntil(run, wait).catch(noneToCome);
    if (!awaited) return;
    show(run, awaited.now);
    if (awaited.kind === 'ready') await issueDocuments(run);
  });
}

/** Staff know that there will be none: the trip stands without. */
function noneToCome(error: unknown): undefined {
  if (!(error instanceof StepImpossible)) throw error;
}

/** Starts work that the story need not wait for, and that outlives what started it, but not the history. */
export function beside(run: Run, work: () => Promise<void>): void {
  const running: Promise<void> = CancellationScope.nonCancellable(work).finally(() => run.beside.delete(running));
  run.beside.add(running);
}
