// What a rebuilt booking had beside its facts, and can be had again: its papers, and the way to pay what is open.
import { and, eq } from 'drizzle-orm';
import { loadBooking } from '../../db/bookings.ts';
import type { Database } from '../../db/client.ts';
import type { Keyring } from '../../db/keyring.ts';
import { keepPaymentAccess } from '../../db/payment-secrets.ts';
import { dropWork, openWork, oweWork } from '../../db/recoveries.ts';
import type { Left } from '../../db/recoveries.ts';
import { bookingEvents } from '../../db/schema.ts';
import { isLive, livePayment } from '../../domain/booking.ts';
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import type { Rebuilt } from './rebuild.ts';

export interface BelongingsDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly gateways: Readonly<Record<GatewayName, Pick<Gateway, 'door'>>>;
  /** Draws the papers of a booking anew, under the number that they had. */
  readonly drawAgain: (bookingId: string, version: number) => Promise<unknown>;
}

interface Belonging {
  readonly name: string;
  readonly missing: string;
  readonly restore: (deps: BelongingsDeps, bookingId: string) => Promise<void>;
}

const PAPERS: Belonging = { name: 'papers', missing: 'no papers', restore: drawPapers };
const DOOR: Belonging = { name: 'payment', missing: 'no way to pay what is open', restore: openDoor };

/** Said in the transaction that puts a booking back: whoever comes after a run that was broken off does it. */
export function owedTo({ bookingId, after, written }: Rebuilt): readonly Left[] {
  const opened = new Set(written.flatMap(({ event }) => (event.type === 'payment.opened' ? event.paymentId : [])));
  return [
    ...(written.some(({ event }) => event.type === 'documents.issued') ? [PAPERS] : []),
    ...(after.payments.some((each) => isLive(each) && each.ref && opened.has(each.id)) ? [DOOR] : []),
  ].map(({ name, missing }) => ({ subject: `${bookingId}/${name}`, bookingId, reason: `${missing} yet` }));
}

/** What runs owe and have not done. */
export async function owedWork(db: Database): Promise<readonly Left[]> {
  return (await openWork(db)).filter((work) => belongingIn(work) !== undefined);
}

const belongingIn = ({ subject, bookingId }: Left): Belonging | undefined =>
  [PAPERS, DOOR].find(({ name }) => subject === `${bookingId}/${name}`);

/** Says what still cannot be had. */
export async function restoreBelongings(deps: BelongingsDeps): Promise<readonly Left[]> {
  const left: Left[] = [];
  for (const owed of await openWork(deps.db)) {
    const belonging = belongingIn(owed);
    if (!belonging || owed.bookingId === null) continue;
    const { bookingId } = owed;
    const why = await whyNot(() => belonging.restore(deps, bookingId));
    if (why === undefined) await dropWork(deps.db, [owed.subject]);
    else left.push({ ...owed, reason: `${belonging.missing}: ${why}` });
  }
  await oweWork(deps.db, left);
  return left;
}

/** One booking's trouble is not another's. */
async function whyNot(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'for no reason given';
  }
}

/** Sealed with the key that was lost; the facts say which there were. */
async function drawPapers({ db, drawAgain }: BelongingsDeps, bookingId: string): Promise<void> {
  const issued = await db
    .select({ data: bookingEvents.data })
    .from(bookingEvents)
    .where(and(eq(bookingEvents.bookingId, bookingId), eq(bookingEvents.type, 'documents.issued')));
  const versions = issued.flatMap(({ data }) => (data.type === 'documents.issued' ? data.version : []));
  if (versions.length > 0) await drawAgain(bookingId, Math.max(...versions));
}

/** Without it, whoever comes back to pay would be asked to wait until the payment has run out. */
async function openDoor({ db, keyring, gateways }: BelongingsDeps, bookingId: string): Promise<void> {
  const stored = await loadBooking(db, bookingId);
  const payment = stored && livePayment(stored.booking);
  if (!payment?.ref) return;
  const door = await gateways[payment.gateway].door?.(payment.ref);
  if (door) await keepPaymentAccess(db, keyring, { bookingId, paymentId: payment.id, door });
}
