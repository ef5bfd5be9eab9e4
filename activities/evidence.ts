// Gathers what answers a bank, and keeps it as a document for staff only.
import { and, asc, eq } from 'drizzle-orm';
import type { StoredBooking } from '../db/bookings.ts';
import { bookingEvents, documents, notices } from '../db/schema.ts';
import { readTravellers } from '../db/travellers.ts';
import { evidenceTurn } from '../domain/dispute.ts';
import { evidenceContent } from '../domain/evidence.ts';
import type { EvidenceFile } from '../domain/evidence.ts';
import { soldOf } from '../domain/product.ts';
import { termsOf } from '../domain/refund-terms.ts';
import type { Deps } from './deps.ts';
import { drawDocument } from './drawing.ts';

/** A version for each thing that became known of what it shows: drawn once, however often it is asked for. */
export async function keepEvidence(deps: Deps, stored: StoredBooking): Promise<void> {
  const { id: bookingId } = stored.booking;
  const version = evidenceTurn(stored.booking);
  const content = evidenceContent(await gather(deps, stored));
  const row = await drawDocument(deps, content, { bookingId, version, kind: 'evidence', number: 1 });
  await deps.db.insert(documents).values(row).onConflictDoNothing();
}

async function gather(deps: Deps, { booking, product, row }: StoredBooking): Promise<EvidenceFile> {
  const letters = await deps.db
    .select({ kind: notices.kind, at: notices.sentAt })
    .from(notices)
    .where(and(eq(notices.bookingId, booking.id), eq(notices.audience, 'customer'), eq(notices.state, 'sent')))
    .orderBy(asc(notices.sentAt));
  const facts = await deps.db
    .select({ type: bookingEvents.type, at: bookingEvents.at })
    .from(bookingEvents)
    .where(eq(bookingEvents.bookingId, booking.id))
    .orderBy(asc(bookingEvents.seq));
  return {
    booking,
    brand: deps.brand,
    issuedAt: deps.clock().toISOString(),
    sold: soldOf(product),
    travellers: await readTravellers(deps.db, deps.keyring, booking.id),
    bookedAt: row.createdAt.toISOString(),
    terms: termsOf(product),
    letters: letters.flatMap(({ kind, at }) => (at ? [{ kind, at: at.toISOString() }] : [])),
    facts: facts.map(({ type, at }) => ({ type, at: at.toISOString() })),
  };
}
