// What no machine can rebuild: it becomes a person's work, once, however often it is found.
import { noteFinding, reportFinding } from '../../db/findings.ts';
import type { Database } from '../../db/client.ts';
import { tellStaff } from '../../db/notices.ts';
import { endRecovery, noteWork, openWork } from '../../db/recoveries.ts';
import type { Left, RecoveryRun } from '../../db/recoveries.ts';
import type { Finding } from '../../domain/findings.ts';
import type { Rebuilt } from './rebuild.ts';

export const unknownBooking = (bookingId: string, { version }: { version: number }): Left => ({
  subject: bookingId,
  bookingId,
  reason:
    version === 0
      ? 'there is a workflow, and nothing says what was booked: nothing had happened yet'
      : `there is a workflow that knew ${version} facts, and nothing says what was booked`,
});

export function leftOf({ bookingId, refused, untold, outbidBy }: Rebuilt): readonly Left[] {
  const unexplained = refused.map(({ fact, why }) => ({
    subject: `${bookingId}/${fact.seq}`,
    reason: `the fact ${fact.seq}, ${fact.event.type}, does not follow from what is there: ${why}`,
  }));
  const gaps = `its workflow knew the facts ${untold.join(', ')}, and nobody was told what they say`;
  const rivals = `its request stands for ${outbidBy.join(', ')} by now, made later: the customer may want only one of them`;
  return [
    ...unexplained,
    ...(untold.length > 0 ? [{ subject: `${bookingId}/untold`, reason: gaps }] : []),
    ...(outbidBy.length > 0 ? [{ subject: `${bookingId}/claims`, reason: rivals }] : []),
  ].map((each) => ({ ...each, bookingId }));
}

const travellersOf = (bookingId: string | null): string => `${bookingId}/travellers`;

export const namelessOf = ({ bookingId, isNameless }: Rebuilt): readonly Left[] =>
  isNameless
    ? [
        {
          subject: travellersOf(bookingId),
          bookingId,
          reason:
            'who booked it, and who travels, was lost with its key: papers name nobody, no letter can be sent, nothing more can be ordered',
        },
      ]
    : [];

/** Nothing is wrong with the booking itself. */
export const isOfNames = ({ subject, bookingId }: Left): boolean => subject === travellersOf(bookingId);

interface Remaining {
  readonly left: readonly Left[];
  readonly outside: readonly Finding[];
}

/** Ends the run with one letter of all that it found, in whichever of its attempts. The answer is what stands open of every run. */
export async function endWithLetter(
  deps: { readonly db: Database; readonly clock: () => Date },
  run: RecoveryRun,
  { left, outside }: Remaining,
): Promise<readonly Left[]> {
  const { db, clock } = deps;
  // What a booking's workflow learns by itself is no person's work yet.
  for (const finding of outside.filter(({ mendedBy }) => !mendedBy)) {
    const { id } = await noteFinding(db, finding, clock());
    await reportFinding(db, id, finding);
  }
  return db.transaction(async (tx) => {
    await noteWork(tx, left);
    const work = await openWork(tx, run.begunAt);
    const nameless = work.filter(isOfNames).length;
    const reason =
      `After the database was rebuilt, ${work.length} things need a person: ` +
      `${nameless} bookings lost the names in them, ${work.length - nameless} could not be rebuilt in whole. They are in work_items.`;
    const letter = { version: `recovery/${run.id}`, detail: { reason, amount: null } };
    if (work.length > 0) await tellStaff(tx, { kind: 'reconciliation_finding', ...letter });
    await endRecovery(tx, run);
    return openWork(tx);
  });
}
