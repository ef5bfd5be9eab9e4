// The Temporal worker: runs the stories and their verbs.
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import { createRecorder } from '../activities/record.ts';
import { reconciliationActivities } from '../activities/reconciliation.ts';
import { createPdfRenderer } from '../adapters/pdf/renderer.ts';
import { createCodec } from '../adapters/temporal/codec.ts';
import { connectTemporal, dataConverterWith } from '../adapters/temporal/connection.ts';
import { readConfig } from '../config.ts';
import { holdConnection } from '../db/held-connection.ts';
import { sourceHash, workflowBundle } from './bundle.ts';
import { deathsAt } from './deaths.ts';
import { heartbeats } from './heartbeats.ts';
import { keepSchedules, reconciliationDeps } from './reconciling.ts';
import { patientSealer } from './patient-sealer.ts';
import { prepareNamespace } from './search-attributes.ts';
import { telling } from './telling.ts';
import { brandOf, vendorsOf, wireToServe } from './wiring.ts';

const config = readConfig();
const { log, database, keyring } = await wireToServe(config, 'worker');
const presence = holdConnection({ databaseUrl: config.databaseUrl, applicationName: 'holdfast-worker' });
const { address, namespace, taskQueue, tls, apiKey, workflowCache, bundlePath, deployment } = config.temporal;

Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
    log.warn({ level, ...meta, err: meta?.['error'] }, message),
  ),
});
/** Open for months, a booking moves on with its code: what would change its steps asks `patched()` first. */
const versioned = (deploymentName: string): WorkerDeploymentOptions => ({
  version: { deploymentName, buildId: sourceHash() },
  useWorkerVersioning: true,
  defaultVersioningBehavior: 'AUTO_UPGRADE',
});
const renderer = createPdfRenderer();
renderer.warm();
const clock = (): Date => new Date();
const codec = createCodec(patientSealer(keyring.histories), namespace);
const dataConverter = dataConverterWith(codec);
const reach = { address, tls: tls ?? Boolean(apiKey), ...(apiKey === undefined ? {} : { apiKey }) };
const connection = await Connection.connect(reach);
await prepareNamespace({ connection, namespace, log });
await connection.close();
const temporal = connectTemporal({ config: config.temporal, codec });
const reconciling = { config, db: database.db, temporal: temporal.client };
await keepSchedules(reconciling).catch((err: unknown) => log.warn({ err }, 'schedules could not be kept'));

const nativeConnection = await NativeConnection.connect(reach);
const worker = await Worker.create({
  connection: nativeConnection,
  namespace,
  taskQueue,
  dataConverter,
  workflowBundle: bundlePath ? { codePath: bundlePath } : await workflowBundle(join(config.dataDir, 'bundles')),
  activities: {
    ...reconciliationActivities(reconciliationDeps(reconciling)),
    ...createActivities({
      db: database.db,
      keyring,
      record: createRecorder(database.db, clock),
      clock,
      ...vendorsOf(config),
      renderPdf: (content) => renderer.render(content),
      brand: brandOf(config),
      returnUrls: config.returnUrls,
      checkoutUrl: `${config.publicUrl}/checkout`,
    }),
  },
  interceptors: {
    activity: [...(config.deaths.length > 0 ? [deathsAt(config.deaths)] : []), heartbeats, telling(database.db)],
  },
  ...(deployment === undefined ? {} : { workerDeploymentOptions: versioned(deployment) }),
  maxCachedWorkflows: workflowCache,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 100,
  shutdownGraceTime: '20s',
  shutdownForceTime: '25s',
});
log.info({ taskQueue, namespace }, 'worker ready');

// The runtime itself listens for SIGINT and SIGTERM: it stops polling, lets what runs finish, and run() returns.
await worker.run();
await renderer.close();
await nativeConnection.close();
await temporal.close();
await Promise.all([presence.end(), database.close()]);
log.info('worker stopped');
