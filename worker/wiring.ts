// What every process behind the API is made of, from the one configuration.
import type { Config } from '../config.ts';
import { createCodec } from '../adapters/temporal/codec.ts';
import { createGateways } from '../adapters/gateways/index.ts';
import { createSuppliers } from '../adapters/suppliers/index.ts';
import { openDatabase } from '../db/client.ts';
import { createKeyring } from '../db/keyring.ts';
import type { Brand } from '../domain/documents.ts';
import { createLog } from '../log.ts';

export function wire(config: Config, process: string) {
  const log = createLog({ level: config.logLevel, process });
  const database = openDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    applicationName: `holdfast-${process}`,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const keyring = createKeyring(database.db, config.masterKeys);
  const codec = createCodec(keyring, config.temporal.namespace);
  return { log, database, keyring, codec };
}

export const vendorsOf = (config: Config) => ({ gateways: createGateways(config), suppliers: createSuppliers(config) });

export const brandOf = (config: Config): Brand => ({
  name: config.brand,
  merchant: config.brand,
  supportEmail: config.supportEmail,
  supportPhone: null,
  supportUrl: null,
});
