// All that can be read in a database by whoever has the master key: every column, and every sealed one opened with every key there is.
import { createDecipheriv } from 'node:crypto';

import { unseal } from '../../db/sealing.ts';
import { formsFoundIn } from './traces.ts';
import type { Stack } from './stack.ts';

interface DataKeyRow {
  readonly key_id: string;
  readonly wrapped: Buffer;
}

/** By table, the words that stand in it. */
export async function wordsReadableIn(stack: Stack, words: readonly string[]): Promise<Record<string, string[]>> {
  const keys = await keysOf(stack);
  const tables = await stack.rows<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await stack.rows(`select * from "${name}"`);
    const texts = rows.flatMap((row) => Object.values(row)).flatMap((value) => readingsOf(value, keys));
    const there = words.filter((word) => texts.some((text) => formsFoundIn(text, [word]).length > 0));
    if (there.length > 0) found[name] = there;
  }
  return found;
}

async function keysOf({ rows, environment }: Stack): Promise<readonly Buffer[]> {
  const master = Buffer.from(environment['ENCRYPTION_KEY'] ?? '', 'base64');
  const wrapped = await rows<DataKeyRow>('select key_id, wrapped from booking_keys where wrapped is not null');
  return wrapped.map((row) => unseal(master, row.wrapped, row.key_id));
}

function readingsOf(value: unknown, keys: readonly Buffer[]): Buffer[] {
  if (Buffer.isBuffer(value)) return [value, ...keys.map((key) => openedBy(key, value))];
  return [Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))];
}

/** Without asking whether it is genuine or what it is bound to: nonsense where the key is another's. */
function openedBy(key: Buffer, sealed: Buffer): Buffer {
  if (sealed.length < 28) return Buffer.alloc(0);
  const counter = Buffer.concat([sealed.subarray(0, 12), Buffer.from([0, 0, 0, 2])]);
  return createDecipheriv('aes-256-ctr', key, counter).update(sealed.subarray(28));
}
