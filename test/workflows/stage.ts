// The ground a scenario is played on: a real database, a server that skips time, and the workflows as one bundle.
import { randomBytes } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LogEntry, WorkflowBundle } from '@temporalio/worker';
import { createCodec } from '../../adapters/temporal/codec.ts';
import { dataConverterWith } from '../../adapters/temporal/connection.ts';
import { openDatabase } from '../../db/client.ts';
import type { OpenDatabase } from '../../db/client.ts';
import { createKeyring } from '../../db/keyring.ts';
import type { Keyring } from '../../db/keyring.ts';
import { searchAttributes } from '../../workflows/messages.ts';
import { testBundle } from './bundle.ts';
import { openReplays } from './replays.ts';
import type { Replays } from './replays.ts';
import { heed } from './standstill.ts';

export const NAMESPACE = 'default';
const TYPES = { KEYWORD: 2, INT: 3, BOOL: 5, DATETIME: 6 } as const;

type DataConverter = ReturnType<typeof dataConverterWith>;

export interface Stage {
  readonly env: TestWorkflowEnvironment;
  readonly database: OpenDatabase;
  readonly keyring: Keyring;
  readonly masterKey: Uint8Array;
  readonly bundle: WorkflowBundle;
  readonly dataConverter: Partial<DataConverter>;
  readonly replays: Replays;
  close(): Promise<void>;
}

export interface StageParts {
  readonly databaseUrl: string;
  /** The executable of the time-skipping server; of the real dev server when it gets arguments. */
  readonly server: string;
  readonly devServerArgs?: readonly string[];
  /** How payloads enter the history; the product's own codec unless said otherwise. */
  readonly payloads?: 'encrypted' | 'in_clear';
}

export async function openStageOn({
  databaseUrl,
  server,
  devServerArgs,
  payloads = 'encrypted',
}: StageParts): Promise<Stage> {
  installRuntime();
  const database = openDatabase({ url: databaseUrl, poolSize: 8, applicationName: 'test', onIdleError: () => {} });
  const masterKey = randomBytes(32);
  const keyring = createKeyring(database.db, [{ id: 'm1', bytes: masterKey }]);
  const dataConverter = payloads === 'encrypted' ? dataConverterWith(createCodec(keyring, NAMESPACE)) : {};
  const env = await (devServerArgs
    ? realTime(server, dataConverter, devServerArgs)
    : timeSkipping(server, dataConverter));
  const wanted = Object.fromEntries(Object.values(searchAttributes).map(({ name, type }) => [name, TYPES[type]]));
  await env.connection.operatorService.addSearchAttributes({ namespace: NAMESPACE, searchAttributes: wanted });
  const bundle = await testBundle();
  const replays = openReplays({ workflowBundle: bundle, dataConverter });
  const close = async (): Promise<void> => {
    await replays.close();
    await env.teardown();
    await database.close();
  };
  return { env, database, keyring, masterKey, bundle, dataConverter, replays, close };
}

const STARTS = 10;

/** The SDK gives its server five seconds to come up, which a busy machine may not have. */
async function timeSkipping(server: string, dataConverter: Partial<DataConverter>): Promise<TestWorkflowEnvironment> {
  for (let start = 1; ; start += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path: server } },
        client: { dataConverter },
      });
    } catch (error) {
      if (start === STARTS) throw error;
    }
  }
}

function realTime(
  server: string,
  dataConverter: Partial<DataConverter>,
  extraArgs: readonly string[],
): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: server }, ip: '127.0.0.1', extraArgs: [...extraArgs] },
    client: { dataConverter },
  });
}

let installed = false;

/** One for all stages of a process. */
function installRuntime(): void {
  if (!installed)
    Runtime.install({ logger: new DefaultLogger('WARN', hear), telemetryOptions: { logging: { forward: {} } } });
  installed = true;
}

function hear(entry: LogEntry): void {
  heed(entry);
  if (entry.level === 'ERROR') console.error(entry.message, entry.meta);
}
