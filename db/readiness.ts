// What the database itself says against working on it.
import type { Queryable } from './client.ts';
import type { MasterKey } from './keyring.ts';
import { whyUnopened } from './master-keys.ts';
import { whyUnfinished } from './recoveries.ts';

/**
 * Undefined when a process may serve; else a sentence for whoever starts it. Where a booking could not be opened, new ones would
 * be sealed by a key that was given up; where only a part of a lost database is back, calls would be made twice.
 */
export async function whyUnready(db: Queryable, masters: readonly MasterKey[]): Promise<string | undefined> {
  return (await whyUnopened(db, masters)) ?? (await whyUnfinished(db));
}
