// Vouchers, receipts and evidence as downloads: never cached, named so that they can be found again on a telephone.
import type { Context } from 'hono';
import { readDocument } from '../../db/documents.ts';
import type { DocumentName } from '../../db/documents.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { awaitsVouchers } from '../../domain/booking.ts';
import type { Storefront } from '../../domain/booking.ts';
import { isErased } from '../../db/erasures.ts';
import { KeyDestroyed } from '../../db/keyring.ts';
import { mainPayment } from '../../domain/payment-facts.ts';
import { erasedError, VisibleError } from '../errors.ts';
import type { AppEnv } from '../http/env.ts';
import { requireAccess, tokenOrLink } from '../links.ts';
import type { Desk } from './desk.ts';
import { bookingWithoutAsker } from './finding.ts';

/** Without a number: the receipt of what paid for the booking. */
export interface Paper extends Pick<DocumentName, 'kind'> {
  readonly number?: number;
}

interface WantedPaper extends Paper {
  /** On whose wire it is asked for: there the bookings of others do not exist. */
  readonly storefront?: Storefront;
}

export const PDF = {
  description: 'The document',
  content: { 'application/pdf': { schema: { type: 'string' as const, format: 'binary' } } },
};

/** How the router spells `{n}.pdf`, which the document's own spelling cannot say. */
export const NUMBERED_PDF = ':file{[1-9][0-9]{0,3}\\.pdf}';

export const voucherIn = (c: Context<AppEnv>): Paper => ({
  kind: 'voucher',
  number: Number.parseInt(c.req.param('file') ?? '', 10),
});

/** Browsers that follow a link carry no token; the link opens the papers of one booking. */
export const papersDoor = ({ auth, links, config }: Desk) =>
  tokenOrLink({
    auth,
    links,
    purpose: 'documents',
    secure: config.publicUrl.startsWith('https:'),
    bookingIdOf: (c) => c.req.param('id'),
  });

/** Behind `papersDoor`. */
export async function sendPaper(
  desk: Desk,
  c: Context<AppEnv>,
  { storefront, ...paper }: WantedPaper,
): Promise<Response> {
  const stored = await bookingWithoutAsker(desk, c.req.param('id') ?? '', storefront);
  requireAccess(c, stored.row);
  const number = paper.number ?? mainPayment(stored.booking)?.attempt ?? 1;
  const name = { bookingId: stored.row.id, kind: paper.kind, number };
  const document = await readDocument(desk.db, desk.keyring, name).catch(whenErased);
  if (!document) throw (await isErased(desk.db, stored.row.id)) ? erasedError('not_found') : missing(stored, paper);
  return c.body(new Uint8Array(document.pdf), 200, {
    'Content-Type': 'application/pdf',
    'Content-Disposition': `attachment; filename="${fileName(stored, paper)}"`,
    'Cache-Control': 'no-store',
    ETag: `"${document.sha256}"`,
  });
}

function whenErased(error: unknown): never {
  if (!(error instanceof KeyDestroyed)) throw error;
  throw erasedError('not_found', error);
}

function missing({ booking }: StoredBooking, { kind, number }: Paper): VisibleError {
  if (kind === 'evidence' && booking.disputes.length === 0) {
    return new VisibleError('not_found', 'Nothing of this booking was ever disputed.', { code: 'document_not_found' });
  }
  const hasAll = booking.vouchers.length > 0 || (booking.confirmedAt !== null && !awaitsVouchers(booking));
  if (kind === 'voucher' && hasAll && (number ?? 1) > booking.vouchers.length) {
    return new VisibleError('not_found', 'This booking has no such voucher.', { code: 'document_not_found' });
  }
  return new VisibleError('conflict', 'The document is not ready yet.', { code: 'document_not_ready' });
}

function fileName({ booking }: StoredBooking, { kind, number }: Paper): string {
  if (kind !== 'voucher') return `${kind}-${booking.number}.pdf`;
  return booking.vouchers.length > 1 ? `voucher-${booking.number}-${number}.pdf` : `voucher-${booking.number}.pdf`;
}
