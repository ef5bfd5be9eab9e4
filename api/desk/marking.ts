// Staff took the money themselves: at the hotel's desk, in cash or by a card machine of the house.
import { isWrittenDown, recordAudit, sealWords } from '../../db/audit.ts';
import { isErased } from '../../db/erasures.ts';
import type { StoredBooking } from '../../db/bookings.ts';
import { isEnded, isUnderWay, statusOf } from '../../domain/booking.ts';
import { isDueOnArrival } from '../../domain/routing.ts';
import { mayReopen } from '../../domain/transitions.ts';
import type { MarkPaidResult } from '../../workflows/messages.ts';
import type { Principal } from '../auth.ts';
import { erasedError, VisibleError } from '../errors.ts';
import { answeredOf } from './asking.ts';
import type { Desk } from './desk.ts';

export interface Marking {
  readonly requestId: string;
  readonly principal: Principal;
  /** In their own words, sealed with the booking's key. */
  readonly note: string | undefined;
  /** Also where the customer was to pay online: what is open there is closed first. */
  readonly force: boolean;
}

export async function markPaid(desk: Desk, stored: StoredBooking, marking: Marking): Promise<void> {
  const { requestId, principal, force } = marking;
  const { row, product } = stored;
  if (!isDueOnArrival(product) && !force)
    throw refused('not_on_arrival', 'This booking is to be paid online; with `force` it is marked all the same.');
  const asked = await isWrittenDown(desk.db, row.id, requestId);
  if (!asked) {
    refuseUnpayable(stored);
    // What expired may still be sold, but not to somebody whose name and address are gone.
    if (await isErased(desk.db, row.id)) throw erasedError();
    await writeDown(desk, stored, marking);
  }
  refuseUnpaid(answeredOf(await desk.door.markPaid(row.id, { requestId, actor: principal.sub })));
}

/** Before it is done: who took money is known whatever dies in between. */
async function writeDown(desk: Desk, { row }: StoredBooking, marking: Marking): Promise<void> {
  const { requestId, principal, note, force } = marking;
  await recordAudit(desk.db, {
    actor: principal.sub,
    role: principal.role,
    action: 'mark_paid',
    bookingId: row.id,
    detail: { requestId, force },
    ...(note && { sealedWords: await sealWords(desk.keyring, row.id, note) }),
  });
}

function refuseUnpayable({ booking }: StoredBooking): void {
  const { phase } = booking;
  if (isUnderWay(phase)) throw alreadyPaid();
  if (isEnded(phase) && !mayReopen(booking)) throw notPayable(statusOf(booking));
}

function refuseUnpaid(result: MarkPaidResult): void {
  switch (result.kind) {
    case 'paid':
      return;
    case 'already_paid':
      throw alreadyPaid();
    case 'in_flight':
      throw refused('payment_processing', 'A payment is being processed: wait for its end.');
    case 'not_payable':
      throw notPayable(result.status);
  }
}

const refused = (code: string, message: string): VisibleError => new VisibleError('conflict', message, { code });
const alreadyPaid = (): VisibleError => refused('already_paid', 'This booking is paid already.');
const notPayable = (status: string): VisibleError =>
  refused('not_payable', `This booking can no longer be paid: it is ${status}.`);
