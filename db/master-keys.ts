// Which master keys this database needs: what they wrapped opens with no other.
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Queryable } from './client.ts';
import type { MasterKey } from './keyring.ts';
import { bookingKeys } from './schema.ts';
import { unseal } from './sealing.ts';

/** Undefined when every key that is not destroyed has its master key; else a sentence for whoever set ENCRYPTION_KEY. */
export async function whyUnopened(db: Queryable, masters: readonly MasterKey[]): Promise<string | undefined> {
  const names = await masterKeysInUse(db);
  const missing = names.filter((name) => masters.every(({ id }) => id !== name));
  if (missing.length > 0) return lacking(missing);
  for (const master of masters.filter(({ id }) => names.includes(id)))
    if (!(await opensOneOfIts(db, master)))
      return `Keys in the database are wrapped by another master key ${master.id} than the one in ENCRYPTION_KEY: put that one back (docs/security.md).`;
  return undefined;
}

function lacking(missing: readonly string[]): string {
  const [which, add] = missing.length === 1 ? ['key', 'it, under that name'] : ['keys', 'them, under these names'];
  return `Keys in the database are wrapped by the master ${which} ${missing.join(', ')}, which ENCRYPTION_KEY lacks: add ${add} (docs/security.md).`;
}

/** A new key under an old name, made because the old one was mislaid, opens nothing of what is there. */
async function opensOneOfIts(db: Queryable, { id, bytes }: MasterKey): Promise<boolean> {
  const isIts = and(eq(bookingKeys.masterKeyId, id), isNotNull(bookingKeys.wrapped));
  const [row] = await db.select().from(bookingKeys).where(isIts).limit(1);
  if (!row?.wrapped) return true;
  try {
    unseal(bytes, row.wrapped, row.keyId);
    return true;
  } catch {
    return false;
  }
}

/** From name to name by the index: of millions of keys it reads one for each master key. */
async function masterKeysInUse(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    with recursive named (name) as (
      select min(master_key_id) from booking_keys where wrapped is not null
      union all
      select (select min(master_key_id) from booking_keys where wrapped is not null and master_key_id > named.name)
      from named where named.name is not null
    )
    select name from named where name is not null`);
  return rows.map(({ name }) => name);
}
