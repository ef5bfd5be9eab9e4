// The API with a real database and the real gateways; Temporal only where a test brings its address.
import { createGateways } from '../../adapters/gateways/index.ts';
import { createStripeHealth } from '../../adapters/gateways/stripe-health.ts';
import { createKafkaHealth } from '../../adapters/kafka.ts';
import { createSuppliers } from '../../adapters/suppliers/index.ts';
import { createCodec } from '../../adapters/temporal/codec.ts';
import { connectTemporal } from '../../adapters/temporal/connection.ts';
import { assembleDeps } from '../../api/deps.ts';
import type { AppDeps } from '../../api/deps.ts';
import { createLog } from '../../log.ts';
import { openTestDatabase } from './database-under-test.ts';
import type { DatabaseUnderTest } from './database-under-test.ts';
import { testConfig } from './settings.ts';

/** Nothing listens there. */
export const NOWHERE = '127.0.0.1:1';

export interface Bench {
  readonly database: DatabaseUnderTest;
  readonly deps: AppDeps;
  readonly lines: string[];
  close(): Promise<void>;
}

export async function openBench(environment: Record<string, string> = {}): Promise<Bench> {
  const database = await openTestDatabase();
  const config = testConfig({ TEMPORAL_ADDRESS: NOWHERE, DATABASE_URL: database.url, ...environment });
  const codec = createCodec(database.keyring.histories, config.temporal.namespace);
  const temporal = connectTemporal({ config: config.temporal, codec });
  const lines: string[] = [];
  const deps = assembleDeps({
    config,
    db: database.db,
    keyring: database.keyring,
    temporal: temporal.client,
    codec,
    gateways: createGateways(config),
    suppliers: createSuppliers(config),
    probes: { kafka: createKafkaHealth(config.kafka), stripe: createStripeHealth(config.stripe) },
    log: createLog({ level: 'info', process: 'test', destination: { write: (line) => lines.push(line) } }),
    clock: () => new Date(),
  });
  const close = async () => {
    await temporal.close();
    await database.close();
  };
  return { database, deps, lines, close };
}
