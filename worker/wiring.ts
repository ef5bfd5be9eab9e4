// What every process behind the API is made of, from the one configuration.
import type { Config } from '../config.ts';
import { createCodec } from '../adapters/temporal/codec.ts';
import { createGateways } from '../adapters/gateways/index.ts';
import { createSuppliers } from '../adapters/suppliers/index.ts';
import { openDatabase } from '../db/client.ts';
import { createKeyring } from '../db/keyring.ts';
import { whyUnusable } from '../db/reach.ts';
import { whyUnready } from '../db/readiness.ts';
import type { Brand } from '../domain/documents.ts';
import { createLog } from '../log.ts';

/** Ends the process, with a sentence, where there is no database to work on. */
export async function wire(config: Config, name: string) {
  const log = createLog({ level: config.logLevel, process: name });
  const unusable = await whyUnusable(config.databaseUrl);
  if (unusable !== undefined) {
    log.fatal(unusable);
    process.exit(1);
  }
  const database = openDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    applicationName: `holdfast-${name}`,
    onIdleError: (error) => log.warn({ err: error }, 'a database connection broke'),
  });
  const keyring = createKeyring(database.db, config.masterKeys);
  const codec = createCodec(keyring.histories, config.temporal.namespace);
  return { log, database, keyring, codec };
}

/** Ends the process, with a sentence, also where what is in the database speaks against it. */
export async function wireToServe(config: Config, name: string) {
  const parts = await wire(config, name);
  const unready = await whyUnready(parts.database.db, config.masterKeys);
  if (unready !== undefined) {
    parts.log.fatal(unready);
    process.exit(1);
  }
  return parts;
}

export const vendorsOf = (config: Config) => ({ gateways: createGateways(config), suppliers: createSuppliers(config) });

export const brandOf = (config: Config): Brand => ({
  name: config.brand,
  merchant: config.brand,
  supportEmail: config.supportEmail,
  supportPhone: null,
  supportUrl: null,
});
