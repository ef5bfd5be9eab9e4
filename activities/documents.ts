// Draws and keeps the papers of a booking, sealed with its key.
import { and, eq } from 'drizzle-orm';
import { eventOfType } from '../db/bookings.ts';
import type { Database } from '../db/client.ts';
import { KeyDestroyed } from '../db/keyring.ts';
import { bookingEvents, documents } from '../db/schema.ts';
import { readTravellers } from '../db/travellers.ts';
import type { StoredBooking } from '../db/bookings.ts';
import { currentSupplierOrder } from '../domain/booking.ts';
import type { Digest } from '../domain/digest.ts';
import { digestOf } from '../domain/digest.ts';
import { contentOf } from '../domain/document-content.ts';
import type { TravelDocument } from '../domain/documents.ts';
import { SupplierRejected, SupplierUnreachable } from '../domain/supply.ts';
import type { SupplyLine } from '../domain/supply.ts';
import type { Deps } from './deps.ts';
import { drawDocument } from './drawing.ts';
import type { DocumentRow } from './drawing.ts';
import { receiptsOf, voucherOf } from './papers.ts';
import { mustLoad } from './loading.ts';

export interface IssueDocumentsInput {
  readonly bookingId: string;
  /** Counts the drawings of a booking: later ones renew papers that changed. */
  readonly version: number;
  readonly only?: 'receipt';
}

interface Paper {
  readonly kind: 'voucher' | 'receipt';
  readonly number: number;
  readonly document: TravelDocument;
}

export const documentActivities = (deps: Deps) => ({
  async issueDocuments({
    bookingId,
    version,
    only,
  }: IssueDocumentsInput): Promise<{ kinds: readonly Paper['kind'][]; now: Digest }> {
    const stored = await mustLoad(deps, bookingId);
    const papers = (await papersOf(deps, stored)).filter(({ kind }) => only === undefined || kind === only);
    const drawing = papers.map((paper) => drawn(deps, { bookingId, version, paper }));
    const rows = await Promise.all(drawing).catch(noneOfTheForgotten);
    const kinds = [...new Set(papers.map((paper) => paper.kind))];
    const confirms = only ? undefined : await unconfirmedAttempt(deps.db, bookingId);
    const after = await deps.record(
      bookingId,
      () => [{ type: 'documents.issued', version, kinds, ...(confirms !== undefined && { confirms }) }],
      async (tx) => {
        if (rows.length > 0)
          await tx
            .insert(documents)
            .values([...rows])
            .onConflictDoNothing();
      },
    );
    return { kinds, now: digestOf(after) };
  },
});

/** Money may come long after a person was forgotten: it is dealt with, and nobody is left to get a paper. */
function noneOfTheForgotten(error: unknown): readonly DocumentRow[] {
  if (error instanceof KeyDestroyed) return [];
  throw error;
}

/** Whose trip was confirmed, and nobody was sent its papers: a booking may be sold, and confirmed, more than once. */
async function unconfirmedAttempt(db: Database, bookingId: string): Promise<number | undefined> {
  const attempt = (await eventOfType(db, bookingId, 'booking.confirmed'))?.attempt;
  const issued = await db
    .select({ data: bookingEvents.data })
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), eq(bookingEvents.type, 'documents.issued')));
  const isKnown = issued.some(({ data }) => data.type === 'documents.issued' && data.confirms === attempt);
  return isKnown ? undefined : attempt;
}

async function papersOf(deps: Deps, stored: StoredBooking): Promise<readonly Paper[]> {
  const { booking } = stored;
  const travellers = await readTravellers(deps.db, deps.keyring, booking.id);
  const lines = await supplierLines(deps, stored);
  const source = { ...stored, travellers, lines, brand: deps.brand, issuedAt: deps.clock().toISOString() };
  const receipts = receiptsOf(source).map((receipt): Paper => ({ kind: 'receipt', ...receipt }));
  const vouchers = booking.vouchers.map((v): Paper => ({
    kind: 'voucher',
    number: v.number,
    document: voucherOf(source, v),
  }));
  return [...vouchers, ...receipts];
}

/** The operator's contacts stand in the supplier's own answer; neither papers nor letters wait for them. */
async function supplierLines(deps: Deps, { booking }: StoredBooking): Promise<readonly SupplyLine[]> {
  const order = currentSupplierOrder(booking);
  if (!order?.orderNo || booking.vouchers.length === 0) return [];
  try {
    const fact = await deps.suppliers[order.supplier].look(order.orderNo);
    return 'kind' in fact ? [] : fact.lines;
  } catch (error) {
    if (error instanceof SupplierUnreachable || error instanceof SupplierRejected) return [];
    throw error;
  }
}

interface Drawing {
  readonly bookingId: string;
  readonly version: number;
  readonly paper: Paper;
}

const drawn = (deps: Deps, { bookingId, version, paper }: Drawing): Promise<DocumentRow> =>
  drawDocument(deps, contentOf(paper.document), { bookingId, version, kind: paper.kind, number: paper.number });
