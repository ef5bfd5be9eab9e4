// What a rebuilt booking had beside its facts, and can be had again: its papers, and the way to pay what is open.
import type { Database } from '../../db/client.ts';
import type { Keyring } from '../../db/keyring.ts';
import { keepPaymentAccess } from '../../db/payment-secrets.ts';
import { isLive } from '../../domain/booking.ts';
import type { Gateway, GatewayName } from '../../domain/payment.ts';
import type { Left } from './left.ts';
import type { Rebuilt } from './rebuild.ts';

export interface BelongingsDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly gateways: Readonly<Record<GatewayName, Gateway>>;
  /** Draws the papers of a booking anew, under the number that they had. */
  readonly drawAgain: (bookingId: string, version: number) => Promise<unknown>;
}

export async function restoreBelongings(deps: BelongingsDeps, rebuilt: readonly Rebuilt[]): Promise<readonly Left[]> {
  const left: Left[] = [];
  for (const each of rebuilt) {
    const { bookingId } = each;
    const papers = await whyNot(() => drawPapers(deps, each));
    if (papers) left.push({ subject: `${bookingId}/papers`, bookingId, reason: `no papers: ${papers}` });
    const door = await whyNot(() => openDoor(deps, each));
    if (door) left.push({ subject: `${bookingId}/payment`, bookingId, reason: `no way to pay what is open: ${door}` });
  }
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
async function drawPapers({ drawAgain }: BelongingsDeps, { bookingId, written }: Rebuilt): Promise<void> {
  const versions = written.flatMap(({ event }) => (event.type === 'documents.issued' ? event.version : []));
  if (versions.length > 0) await drawAgain(bookingId, Math.max(...versions));
}

/** Without it, whoever comes back to pay would be asked to wait until the payment has run out. */
async function openDoor({ db, keyring, gateways }: BelongingsDeps, { after, written }: Rebuilt): Promise<void> {
  const opened = new Set(written.flatMap(({ event }) => (event.type === 'payment.opened' ? event.paymentId : [])));
  const payment = after.payments.find((each) => isLive(each) && opened.has(each.id));
  if (!payment?.ref) return;
  const door = await gateways[payment.gateway].door?.(payment.ref);
  if (door) await keepPaymentAccess(db, keyring, { bookingId: after.id, paymentId: payment.id, door });
}
