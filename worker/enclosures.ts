// Which papers go out with a letter.
import type { MailMessage } from '../adapters/mail.ts';
import { latestDocuments } from '../db/notices.ts';
import type { DueNotice } from '../db/notices.ts';
import type { StoredBooking } from '../db/bookings.ts';
import type { Database } from '../db/client.ts';
import type { Keyring } from '../db/keyring.ts';
import type { Booking } from '../domain/booking.ts';
import type { NoticeKind } from '../domain/notices.ts';
import { mainPayment } from '../domain/payment-facts.ts';

type Paper = Awaited<ReturnType<typeof latestDocuments>>[number];

/** Who paid beside or after the booking gets the receipt of that payment. */
const OF_ONE_PAYMENT: readonly NoticeKind[] = ['duplicate_refunded', 'late_payment_refunded', 'mispaid_refunded'];
const WITH_ALL: readonly NoticeKind[] = ['booking_confirmed', 'voucher_ready'];
/** Papers are drawn in seconds; a letter that has waited longer goes without. */
const MOST_WAITS = 6;

/** Undefined while a paper that the letter speaks of is still being drawn. */
export async function attachedTo(
  deps: { readonly db: Database; readonly keyring: Keyring },
  { booking }: StoredBooking,
  notice: DueNotice,
): Promise<MailMessage['attachments'] | undefined> {
  const isWanted = wantedIn(booking, notice);
  if (!isWanted) return [];
  const papers = (await latestDocuments(deps.db, booking.id)).filter(isWanted);
  if (isAwaited(booking, papers, notice) && notice.attempts <= MOST_WAITS) return undefined;
  return Promise.all(
    papers.map(async (paper) => ({
      filename: fileName(booking, paper, notice),
      contentType: 'application/pdf',
      content: await deps.keyring.unseal(booking.id, paper.sealed, `document/${paper.id}`),
    })),
  );
}

/** The vouchers may be known since the receipt was drawn: a letter that says they are attached waits for their papers. */
function isAwaited({ vouchers }: Booking, papers: readonly Paper[], { kind }: DueNotice): boolean {
  const needed = WITH_ALL.includes(kind) ? papers.filter((paper) => paper.kind === 'voucher') : papers;
  return needed.length === 0 && (vouchers.length > 0 || !WITH_ALL.includes(kind));
}

/** Undefined where a letter brings no papers. What is kept for a bank is for no customer's eyes. */
function wantedIn(booking: Booking, notice: DueNotice): ((paper: Paper) => boolean) | undefined {
  const refund = booking.refunds.find(({ id }) => id === notice.version);
  const ofPayment = booking.payments.find(({ id }) => id === refund?.paymentId)?.attempt;
  const main = mainPayment(booking)?.attempt;
  const isReceipt = ({ kind, number }: Paper, attempt: number | undefined): boolean =>
    kind === 'receipt' && number === attempt;
  if (OF_ONE_PAYMENT.includes(notice.kind)) return (paper) => isReceipt(paper, ofPayment);
  if (WITH_ALL.includes(notice.kind)) return (paper) => paper.kind === 'voucher' || isReceipt(paper, main);
  // Its vouchers open no door any more, or are with the customer since the confirmation.
  if (notice.kind === 'booking_refunded')
    return (paper) => isReceipt(paper, main) && (!refund || paper.createdAt > notice.createdAt);
  return undefined;
}

/** By the name that it was given here. */
export const bringsVouchers = (attachments: MailMessage['attachments']): boolean =>
  attachments.some(({ filename }) => filename.startsWith('voucher-'));

const fileName = ({ number: booking }: Booking, { kind, number }: Paper, { kind: letter }: DueNotice): string =>
  kind === 'receipt' && !OF_ONE_PAYMENT.includes(letter)
    ? `receipt-${booking}.pdf`
    : `${kind}-${booking}-${number}.pdf`;
