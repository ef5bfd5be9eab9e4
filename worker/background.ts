// What runs beside the Temporal worker: the sweep that tells workflows the news, the relays that send letters and events.
import { createPublisher } from '../adapters/kafka.ts';
import { createMailer } from '../adapters/mail.ts';
import { connectTemporal } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { watchBalance } from './balance-watch.ts';
import { startForgetting } from './forgetting.ts';
import { watchLag } from './lag-watch.ts';
import { createOpenWorkflows } from './open-workflows.ts';
import { startPublications } from './publications.ts';
import { startRelay } from './relay.ts';
import { startSweep } from './sweep.ts';
import { brandOf, vendorsOf, wireToServe } from './wiring.ts';

const config = readConfig();
const { log, database, keyring, codec } = await wireToServe(config, 'background');
const temporal = connectTemporal({ config: config.temporal, codec });
const mailer = createMailer({ smtpUrl: config.mail.smtpUrl, from: config.mail.from });
const { db } = database;
const { databaseUrl } = config;

const sweep = startSweep({
  db,
  databaseUrl,
  temporal: temporal.client,
  taskQueue: config.temporal.taskQueue,
  log,
  clock: () => new Date(),
});
const relay = startRelay({
  db,
  databaseUrl,
  keyring,
  mailer,
  log,
  brand: brandOf(config),
  staff: config.mail.staff,
  workflowsUrl: `${config.temporal.uiUrl}/namespaces/${config.temporal.namespace}/workflows`,
});
const telling =
  config.kafka.brokers.length === 0
    ? []
    : [
        startPublications({ databaseUrl, log, createPublisher: () => createPublisher(config.kafka) }),
        watchLag({ db, log }),
      ];
const clock = (): Date => new Date();
const workflows = createOpenWorkflows({ db, clock, temporal: temporal.client, taskQueue: config.temporal.taskQueue });
const forgetting = startForgetting({ db, workflows, log, clock });
const balance = watchBalance({
  db,
  supplier: vendorsOf(config).suppliers.klook,
  floor: config.klook.balanceFloor,
  log,
  clock: () => new Date(),
});
log.info('background ready');

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all([sweep, relay, balance, forgetting, ...telling].map((part) => part.stop()));
  mailer.close();
  await temporal.close();
  await database.close();
  log.info('background stopped');
  // A Temporal call that was waiting to be tried again would fail on the closed connection, and end us with an error.
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
