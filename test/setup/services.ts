// vitest's global set-up for *.int.test.ts: one PostgreSQL, one Temporal, the time-skipping server and Kafka's jars for the whole run.
import { rm } from 'node:fs/promises';
import pg from 'pg';
import type { TestProject } from 'vitest/node';

import { buildPrograms } from '../../scripts/parts/build.mjs';
import {
  obtainKafka,
  obtainTimeSkippingServer,
  PartMissing,
  startPostgres,
  startTemporal,
} from '../../scripts/parts/stack.mjs';
import type { Part } from './parts.ts';

/** As `npm start` builds them: to load them source by source takes two and a half times as long, each time one starts. */
const PROGRAMS = ['api/main.ts', 'worker/main.ts', 'worker/background.ts', 'worker/migrate.ts'];
const TEMPLATE = 'holdfast_template';

export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const reasons: Partial<Record<Part, string>> = {};
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((each) => each()));
  };
  const offer = async (part: Part, start: () => Promise<void>) => {
    try {
      await start();
    } catch (error) {
      if (!(error instanceof PartMissing) || process.env['REQUIRE_ALL'] === '1') throw error;
      reasons[part] = error.message;
      process.stdout.write(`skipped, because ${error.message}\n`);
    }
  };

  const offers = [
    offer('postgres', async () => {
      const server = await startPostgres();
      stops.push(server.stop);
      publish(project, 'databaseUrl', await migratedTemplate(server.url));
    }),
    offer('temporal', async () => {
      const server = await startTemporal();
      stops.push(server.stop);
      publish(project, 'temporalAddress', server.address);
    }),
    offer('time-skipping', async () => {
      publish(project, 'timeSkippingServer', await obtainTimeSkippingServer());
    }),
    // A folder for each run: several may test one checkout at once.
    buildPrograms({ scripts: PROGRAMS, dataDir: `test run ${process.pid}` }).then((fileOf) => {
      const folder = fileOf('.');
      project.provide('builtPrograms', folder);
      stops.push(() => rm(folder, { recursive: true, force: true }));
    }),
    // Only its jars: the few files that want a broker start and stop one of their own.
    offer('kafka', async () => void (await obtainKafka())),
  ];
  const outcomes = await Promise.allSettled(offers);
  project.provide('missingParts', reasons);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return stop;
  await stop();
  throw failed.reason;
}

const VARIABLES = {
  databaseUrl: 'TEST_DATABASE_URL',
  temporalAddress: 'TEST_TEMPORAL_ADDRESS',
  timeSkippingServer: 'TEMPORAL_TEST_SERVER',
} as const;

/** Tests read what is provided; programs that tests start read the environment. */
function publish(project: TestProject, name: keyof typeof VARIABLES, value: string): void {
  project.provide(name, value);
  process.env[VARIABLES[name]] = value;
}

async function migratedTemplate(adminUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`create database ${TEMPLATE}`);
  } finally {
    await client.end();
  }
  const { migrate } = await import('../../db/migrate.ts');
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
  return adminUrl;
}
