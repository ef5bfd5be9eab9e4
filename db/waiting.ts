// How far behind we are with what came in.
import { eq, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import { inbox } from './schema.ts';

export interface InboxLag {
  readonly state: 'pending' | 'parked';
  readonly waiting: number;
  /** How long the oldest has waited; 0 when none does. */
  readonly oldestMs: number;
}

export async function inboxLag(on: Queryable): Promise<readonly InboxLag[]> {
  return Promise.all(
    (['pending', 'parked'] as const).map(async (state) => {
      const age = sql<string | null>`extract(epoch from now() - min(${inbox.receivedAt})) * 1000`;
      const [row] = await on
        .select({ waiting: sql<number>`count(*)::int`, age })
        .from(inbox)
        .where(eq(inbox.state, state));
      return { state, waiting: row?.waiting ?? 0, oldestMs: Math.max(0, Math.round(Number(row?.age ?? 0))) };
    }),
  );
}
