// What a stack's histories tell of its bookings, read as a recovery reads them: without its database.
import { Connection } from '@temporalio/client';
import { readConfig } from '../../config.ts';
import { openDatabase } from '../../db/client.ts';
import { createKeyring } from '../../db/keyring.ts';
import { keyOf } from '../../domain/events.ts';
import { joined } from '../../domain/recall.ts';
import { pastRuns } from '../../worker/recover/histories.ts';
import type { Stack } from './stack.ts';

/** Names of facts by booking, in the order in which they were recorded. */
export type Facts = Readonly<Record<string, readonly string[]>>;

export async function factsTold({ environment }: Stack): Promise<Facts> {
  const { databaseUrl: url, masterKeys, temporal } = readConfig(environment);
  const { namespace, taskQueue, address } = temporal;
  const database = openDatabase({ url, poolSize: 1, applicationName: 'test', onIdleError: () => undefined });
  const connection = await Connection.connect({ address });
  try {
    const keyring = createKeyring(database.db, masterKeys);
    const runs = await pastRuns({ connection, namespace, taskQueue, keyring }, new Date(0));
    const ids = [...new Set(runs.flatMap(({ bookingId }) => bookingId ?? []))].toSorted();
    return Object.fromEntries(ids.map((id) => [id, namesOf(runs.filter(({ bookingId }) => bookingId === id))]));
  } finally {
    await connection.close();
    await database.close();
  }
}

const namesOf = (runs: Awaited<ReturnType<typeof pastRuns>>): readonly string[] =>
  joined(runs.flatMap(({ recalls }) => recalls)).facts.map(({ event }) => keyOf(event));

export async function factsRecorded({ rows }: Stack): Promise<Facts> {
  const recorded = await rows<{ id: string; keys: string[] }>(
    'select booking_id as id, array_agg(key order by seq) as keys from booking_events group by 1 order by 1',
  );
  return Object.fromEntries(recorded.map(({ id, keys }) => [id, keys]));
}
