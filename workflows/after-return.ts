// What becomes of a trip and its papers once money went back.
import { issueDocuments } from './deliver.ts';
import { releaseOrders } from './release.ts';
import { mustKnow } from './run.ts';
import type { Run } from './run.ts';

/** The papers show what went back, so they are drawn anew; nobody travels on money that was given back in full. */
export async function afterReturn(run: Run): Promise<void> {
  if (mustKnow(run).phase === 'refunded') return endTrip(run);
  if (run.documentVersion > 0) await issueDocuments(run, 'receipt');
}

/** The order goes back as well, and the vouchers are void. */
async function endTrip(run: Run): Promise<void> {
  const papers = run.documentVersion > 0 ? issueDocuments(run) : undefined;
  await Promise.all([papers, releaseOrders(run)]);
}
