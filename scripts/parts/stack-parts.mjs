// @ts-check
// How each part of the product is started.
import path from 'node:path';

import { runNodePart, startNodePart } from './node-part.mjs';
import { openPartLog } from './part-log.mjs';
import * as postgres from './postgres.mjs';
import { obtainTemporalCli } from './temporal-cli.mjs';
import * as temporal from './temporal.mjs';

/** Each of our programs: what it runs, what its log says when it is ready, how long it may take to end. */
const PROGRAMS = /** @type {const} */ ({
  sim: { script: 'sim/main.ts', ready: 'sim ready', graceMs: 3_000 },
  worker: { script: 'worker/main.ts', ready: 'worker ready', graceMs: 28_000 },
  background: { script: 'worker/background.ts', ready: 'background ready', graceMs: 10_000 },
  api: { script: 'api/main.ts', ready: 'api ready', graceMs: 10_000 },
});

const MIGRATE = 'worker/migrate.ts';

/** The source of everything that is built before it runs. */
export const SCRIPTS = [...Object.values(PROGRAMS).map(({ script }) => script), MIGRATE];

/**
 * @typedef {object} Plan
 * @property {string} dir DATA_DIR
 * @property {Record<import('./settings.mjs').PortName, number>} ports
 * @property {import('./settings.mjs').Parts} parts those that start here
 * @property {{ DATABASE_PASSWORD: string }} secrets
 * @property {Record<string, string>} env what our programs are told
 * @property {(script: string) => string} fileOf what to run for a program's source
 */

/** @param {Plan} plan */
const logDir = (plan) => path.join(plan.dir, 'logs');

/**
 * A function that starts PostgreSQL, as often as it is called.
 * @param {Plan} plan
 */
export async function postgresPart(plan) {
  const log = await openPartLog(logDir(plan), 'postgres');
  const dir = path.join(plan.dir, 'postgres');
  const options = { dir, port: plan.ports.postgres, password: plan.secrets.DATABASE_PASSWORD, onLine: log.keep };
  return () => postgres.startPostgres(options);
}

/** @param {Plan} plan */
export async function temporalPart(plan) {
  const cli = await obtainTemporalCli(plan.env);
  const log = await openPartLog(logDir(plan), 'temporal');
  const dbFile = path.join(plan.dir, 'temporal.db');
  const options = {
    cli,
    dbFile,
    port: plan.ports.temporal,
    uiPort: plan.ports.temporalUi,
    codecUrl: `${plan.env.PUBLIC_URL}/codec`,
    onLine: log.keep,
  };
  return () => temporal.startTemporal(options);
}

/**
 * @param {Plan} plan
 * @param {keyof typeof PROGRAMS} name
 */
export async function programPart(plan, name) {
  const { ready, graceMs } = PROGRAMS[name];
  const file = plan.fileOf(PROGRAMS[name].script);
  const log = await openPartLog(logDir(plan), name);
  const env = name === 'sim' ? simEnvironment(plan.env) : plan.env;
  return () => startNodePart({ name, file, ready, graceMs, env, log });
}

/**
 * The product accepts several secrets while one replaces another; whoever signs uses the first.
 * @param {Record<string, string>} env
 */
function simEnvironment(env) {
  return { ...env, STRIPE_WEBHOOK_SECRET: env.STRIPE_WEBHOOK_SECRET?.split(',')[0]?.trim() };
}

/** @param {Plan} plan */
export async function migrate(plan) {
  const log = await openPartLog(logDir(plan), 'migrate');
  await runNodePart({ name: 'migrate', file: plan.fileOf(MIGRATE), env: plan.env, log });
}
