// Registers what operators search by, and keeps closed bookings readable for a month; where we may.
import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Logger } from '../log.ts';
import { searchAttributes } from '../workflows/messages.ts';

const { google, temporal } = proto;
const { IndexedValueType } = temporal.api.enums.v1;
const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

const RETENTION_S = 30 * 86_400;

export interface NamespaceSetup {
  readonly connection: Connection;
  readonly namespace: string;
  readonly log: Logger;
  /** How long it may take to do either: what never answers must not keep a worker from its work. */
  readonly withinMs?: number;
}

export async function prepareNamespace(setup: NamespaceSetup): Promise<void> {
  const { connection, namespace, log, withinMs = 15_000 } = setup;
  const inTime = (call: () => Promise<unknown>) => connection.withDeadline(Date.now() + withinMs, call);
  try {
    await inTime(() => register(connection, namespace));
  } catch (error) {
    const command = Object.values(searchAttributes)
      .map(({ name, type }) => `--name ${name} --type ${type === 'KEYWORD' ? 'Keyword' : type}`)
      .join(' ');
    log.warn(
      { err: error, run: `temporal operator search-attribute create ${command}` },
      'search attributes could not be registered',
    );
  }
  try {
    const config = { workflowExecutionRetentionTtl: google.protobuf.Duration.fromObject({ seconds: RETENTION_S }) };
    await inTime(() => connection.workflowService.updateNamespace({ namespace, config }));
  } catch (error) {
    log.warn({ err: error }, 'the namespace keeps its own retention');
  }
}

async function register(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return;
  const wanted = Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
}
