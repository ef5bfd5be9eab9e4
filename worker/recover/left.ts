// What no machine can rebuild: it becomes a person's work, once, however often it is found.
import { noteFinding, reportFinding } from '../../db/findings.ts';
import type { Database } from '../../db/client.ts';
import { tellStaff } from '../../db/notices.ts';
import { workItems } from '../../db/schema.ts';
import type { Finding } from '../../domain/findings.ts';
import type { Rebuilt } from './rebuild.ts';

export interface Left {
  readonly subject: string;
  readonly bookingId: string | null;
  readonly reason: string;
}

export const unknownBooking = (bookingId: string, { version }: { version: number }): Left => ({
  subject: bookingId,
  bookingId,
  reason:
    version === 0
      ? 'there is a workflow, and nothing says what was booked: nothing had happened yet'
      : `there is a workflow that knew ${version} facts, and nothing says what was booked`,
});

export function leftOf({ bookingId, refused, untold }: Rebuilt): readonly Left[] {
  const left = refused.map(({ fact, why }) => ({
    subject: `${bookingId}/${fact.seq}`,
    bookingId,
    reason: `the fact ${fact.seq}, ${fact.event.type}, does not follow from what is there: ${why}`,
  }));
  if (untold.length === 0) return left;
  const reason = `its workflow knew the facts ${untold.join(', ')}, and nobody was told what they say`;
  return [...left, { subject: `${bookingId}/untold`, bookingId, reason }];
}

const WORK_KIND = 'recovery';

interface ForStaff {
  readonly left: readonly Left[];
  readonly outside: readonly Finding[];
  readonly rebuilt: readonly Rebuilt[];
}

export async function noteForStaff(
  deps: { readonly db: Database; readonly clock: () => Date },
  { left, outside, rebuilt }: ForStaff,
): Promise<void> {
  const { db, clock } = deps;
  const nameless = rebuilt.filter(({ isNameless }) => isNameless).map(namelessOf);
  const items = [...left, ...nameless];
  if (items.length > 0)
    await db.transaction(async (tx) => {
      const rows = items.map((item) => ({ ...item, kind: WORK_KIND }));
      const fresh = await tx.insert(workItems).values(rows).onConflictDoNothing().returning({ id: workItems.id });
      if (fresh.length === 0) return;
      const reason =
        `After the database was rebuilt, ${fresh.length} things need a person: ` +
        `${nameless.length} bookings lost the names in them, ${left.length} could not be rebuilt in whole. They are in work_items.`;
      const version = `recovery/${clock().toISOString()}`;
      await tellStaff(tx, { kind: 'reconciliation_finding', version, detail: { reason, amount: null } });
    });
  // What a booking's workflow learns by itself is no person's work yet.
  for (const finding of outside.filter(({ mendedBy }) => !mendedBy)) {
    const { id } = await noteFinding(db, finding, clock());
    await reportFinding(db, id, finding);
  }
}

const namelessOf = ({ bookingId }: Rebuilt): Left => ({
  subject: `${bookingId}/travellers`,
  bookingId,
  reason:
    'who booked it, and who travels, was lost with its key: papers name nobody, no letter can be sent, nothing more can be ordered',
});
