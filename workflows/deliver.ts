// The papers: drawn once the trip is confirmed, and again when vouchers come late or money went back.
import type { Run } from './run.ts';
import { attemptUntil, drawing, waiting } from './steps.ts';
import { show } from './view.ts';

export async function issueDocuments(run: Run): Promise<void> {
  run.documentVersion += 1;
  const papers = { bookingId: run.bookingId, version: run.documentVersion };
  const issued = await attemptUntil(run, { name: 'draw the documents', call: () => drawing.issueDocuments(papers) });
  show(run, issued.now);
}

/** Vouchers may come hours after the confirmation: the booking is served meanwhile. */
export function issueLateVouchers(run: Run, order: { bookingId: string; generation: number }): void {
  beside(run, async () => {
    show(run, (await attemptUntil(run, { name: 'wait for the vouchers', call: () => waiting.awaitVouchers(order) })).now);
    await issueDocuments(run);
  });
}

/** Starts work that the story need not wait for, but that must end before the history does. */
export function beside(run: Run, work: () => Promise<void>): void {
  const running: Promise<void> = work().finally(() => run.beside.delete(running));
  run.beside.add(running);
}
