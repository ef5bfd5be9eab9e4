// The API process: reads the configuration, opens what it needs, listens, and ends without dropping a request.
import { serve } from '@hono/node-server';
import type { ServerType } from '@hono/node-server';
import { createGateways } from '../adapters/gateways/index.ts';
import { createChipHealth } from '../adapters/gateways/chip-health.ts';
import { createStripeHealth } from '../adapters/gateways/stripe-health.ts';
import { notUsed } from '../adapters/gateways/vendor-health.ts';
import { createKafkaHealth } from '../adapters/kafka.ts';
import { createSuppliers } from '../adapters/suppliers/index.ts';
import { createCodec } from '../adapters/temporal/codec.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { openDatabase } from '../db/client.ts';
import { createKeyring } from '../db/keyring.ts';
import { holdConnection } from '../db/held-connection.ts';
import { whyUnusable } from '../db/reach.ts';
import { whyUnready } from '../db/readiness.ts';
import { createLog } from '../log.ts';
import { createApp } from './app.ts';
import { assembleDeps } from './deps.ts';

/** A little less than a supervisor waits before it kills. */
const GRACE_MS = 9_000;

const config = readConfig();
const log = createLog({ level: config.logLevel, process: 'api' });

const unusable = await whyUnusable(config.databaseUrl);
if (unusable !== undefined) {
  log.fatal(unusable);
  process.exit(1);
}

const database = openDatabase({
  url: config.databaseUrl,
  poolSize: config.databasePool,
  applicationName: 'holdfast-api',
  onIdleError: (err) => log.warn({ err }, 'an idle database connection broke'),
});
const unready = await whyUnready(database.db, config.masterKeys);
if (unready !== undefined) {
  log.fatal(unready);
  process.exit(1);
}
const presence = holdConnection({ databaseUrl: config.databaseUrl, applicationName: 'holdfast-api' });
const keyring = createKeyring(database.db, config.masterKeys);
const codec = createCodec(keyring.histories, config.temporal.namespace);
const temporal = connectTemporal({ config: config.temporal, codec });

const probes = {
  kafka: createKafkaHealth(config.kafka),
  stripe: config.stripe.isSet ? createStripeHealth(config.stripe) : notUsed,
  ...(config.chip.isSet && { chip: createChipHealth(config.chip) }),
};

const app = createApp(
  assembleDeps({
    config,
    db: database.db,
    keyring,
    codec,
    temporal: temporal.client,
    gateways: createGateways(config),
    suppliers: createSuppliers(config),
    probes,
    log,
    clock: () => new Date(),
  }),
);

const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, ({ address, port }) => {
  log.info({ address, port, url: config.publicUrl }, 'api ready');
});
server.on('error', (err) => {
  log.fatal({ err }, 'the api cannot listen');
  process.exitCode = 1;
  void end(server);
});

let ending = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    log.info({ signal }, 'api stopping');
    void end(server);
  });
}

/** Takes nothing new, finishes what it has, then lets go of database and Temporal. */
async function end(listening: ServerType): Promise<void> {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  await new Promise<void>((resolve) => {
    listening.close(() => resolve());
    // Connections kept open by browsers would hold the process although they ask nothing.
    if ('closeIdleConnections' in listening) listening.closeIdleConnections();
  });
  await Promise.all([probes.kafka.close(), presence.end(), database.close()]);
  await temporal.close();
  log.info('api stopped');
  // Not left to the event loop, which goes round for as long as anything of a library's still waits.
  process.exit();
}
