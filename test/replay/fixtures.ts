// The kept histories on disk: decoded, so that they outlive every key, and free of what only this machine knows.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';

const { History: HistoryType } = proto.temporal.api.history.v1;
export type History = temporal.api.history.v1.IHistory;

const DIR = fileURLToPath(new URL('histories', import.meta.url));
export const ENCRYPTED = 'encrypted';
const KEYRING = path.join(DIR, '..', 'encrypted.keyring.json');

export interface Fixture {
  readonly workflowId: string;
  readonly history: History;
}

export const fixtureNames = (): readonly string[] =>
  readdirSync(DIR)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .toSorted();

export function readFixture(name: string): Fixture {
  const { workflowId, ...history } = parsed(path.join(DIR, `${name}.json`));
  return { workflowId: String(workflowId), history: HistoryType.fromObject(history) };
}

export function writeFixture(name: string, { workflowId, history }: Fixture): void {
  mkdirSync(DIR, { recursive: true });
  const scrubbed = withoutTraces(
    HistoryType.toObject(HistoryType.create(history), { longs: String, enums: String, bytes: String }),
  );
  writeFileSync(path.join(DIR, `${name}.json`), `${JSON.stringify(Object.assign({ workflowId }, scrubbed))}\n`);
}

/** The data keys of the encrypted history, in base64 by key id: made for this test and of use for nothing else. */
export const readTestKeys = (): Readonly<Record<string, unknown>> => parsed(KEYRING);

export const writeTestKeys = (keys: Readonly<Record<string, string>>): void =>
  writeFileSync(KEYRING, `${JSON.stringify(keys, null, 2)}\n`);

/** Where code lay and who ran it says nothing about what happened. */
function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'stackTrace');
  return Object.fromEntries(kept.map(([key, each]) => [key, key === 'identity' ? 'recorder' : withoutTraces(each)]));
}

function parsed(file: string): Readonly<Record<string, unknown>> {
  // JSON.parse knows no types; both kinds of file are objects, written above.
  return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
}
