// @ts-check
// A whole product of the drill's own: two APIs behind one door, two workers, PostgreSQL, Temporal and the stand-ins, on
// free ports and in a folder that goes when the drill ends.
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { call } from '../demo/http.mjs';
import { buildPrograms } from '../parts/build.mjs';
import { runNodePart, startNodePart } from '../parts/node-part.mjs';
import { freePorts } from '../parts/free-ports.mjs';
import { LOOPBACK } from '../parts/ports.mjs';
import * as postgres from '../parts/postgres.mjs';
import { childEnvironment, keptSecrets } from '../parts/settings.mjs';
import { removeClusterDir } from '../parts/stack.mjs';
import { obtainTemporalCli } from '../parts/temporal-cli.mjs';
import * as temporal from '../parts/temporal.mjs';
import { askChecker } from './checker.mjs';
import { openFrontDoor } from './front-door.mjs';
import { startPart } from './part.mjs';

/** @typedef {Awaited<ReturnType<typeof startStack>>} Stack */
/** @typedef {import('./part.mjs').Part} Part */

const PROGRAMS = /** @type {const} */ ({
  sim: { script: 'sim/main.ts', ready: 'sim ready', graceMs: 3_000 },
  worker: { script: 'worker/main.ts', ready: 'worker ready', graceMs: 8_000 },
  background: { script: 'worker/background.ts', ready: 'background ready', graceMs: 8_000 },
  api: { script: 'api/main.ts', ready: 'api ready', graceMs: 8_000 },
});
const MIGRATE = 'worker/migrate.ts';
const CHECK = 'worker/check.ts';
const BUILT = [...Object.values(PROGRAMS).map(({ script }) => script), MIGRATE, CHECK];

/**
 * @typedef {object} Wish
 * @property {number} windowS how long customers have to pay
 * @property {string} [windows] the same, told by storefront
 * @property {boolean} kafkaIsAway brokers are configured, and nobody listens there
 * @property {readonly string[]} [programs] which run; all, unless told otherwise
 * @property {Readonly<Record<string, string>>} [settings] of our programs, on top
 * @property {(name: string) => Readonly<Record<string, string>>} [settingsOf] one of them, asked at each of its starts
 * @property {(line: string) => void} [onLine] hears what our programs say
 */

const ALL = ['worker-1', 'worker-2', 'background', 'api-1', 'api-2'];

/** @param {Wish} wish */
export async function startStack(wish) {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-drill-'));
  // The account that PostgreSQL steps down to must reach it.
  await chmod(dir, 0o755);
  /** @type {Map<string, Part>} */
  const parts = new Map();
  /** @type {(() => Promise<unknown>)[]} */
  const ends = [];
  /** The folder holds the logs: evidence, where something went wrong. */
  const stop = async ({ keep = false } = {}) => {
    const [first, last] = [
      ['api-1', 'api-2', 'background', 'worker-1', 'worker-2'],
      ['sim', 'temporal', 'postgres'],
    ];
    for (const names of [first, last]) await Promise.all(names.map(async (name) => parts.get(name)?.stop()));
    for (const end of ends) await end();
    if (keep) return;
    await removeClusterDir(path.join(dir, 'postgres'));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const plan = await planOf(dir, wish);
    ends.push(() => rm(plan.fileOf(''), { recursive: true, force: true }));
    const wanted = wish.programs ?? ALL;
    // On the port of one that does not run, somebody else may listen.
    const targets = Object.entries(plan.apiPorts).flatMap(([name, port]) => (wanted.includes(name) ? port : []));
    const door = await openFrontDoor({ port: plan.ports.api, targets });
    ends.push(door.close);
    await startAll(plan, parts, wanted);
    const { env, urls } = plan;
    const check = () => askChecker({ file: plan.fileOf(CHECK), env });
    return { dir, parts, stop, check, env, urls, kafkaIsAway: wish.kafkaIsAway };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @typedef {Awaited<ReturnType<typeof planOf>>} Plan */

/** @param {string} dir @param {Wish} wish */
async function planOf(dir, wish) {
  const [secrets, fileOf, cli, all] = await Promise.all([
    keptSecrets(dir),
    buildPrograms({ scripts: BUILT, dataDir: dir }),
    obtainTemporalCli(),
    freePorts(12),
    mkdir(path.join(dir, 'logs')),
  ]);
  const port = (/** @type {number} */ index) => all[index] ?? 0;
  const ports = {
    api: port(0),
    postgres: port(1),
    temporal: port(2),
    temporalUi: port(3),
    stripe: port(4),
    chip: port(5),
    klook: port(6),
    smtp: port(7),
    mailPage: port(8),
  };
  const { PATH, HOME, TMPDIR } = process.env;
  const given = { PATH, HOME, TMPDIR, DATA_DIR: dir, LOG_LEVEL: 'info', DATABASE_POOL: '10', ...wish.settings };
  /** @type {Record<string, string>} */
  const env = {
    ...childEnvironment({ env: given, ports, secrets }),
    PAYMENT_WINDOW: wish.windows ?? `${wish.windowS}s`,
    RATE_LIMIT_CREATES: '100000',
    APPROVAL_LIMIT: '1000000',
    ...(wish.kafkaIsAway && { KAFKA_BROKERS: `${LOOPBACK}:${port(11)}` }),
    ...wish.settings,
  };
  const at = (/** @type {number} */ each) => `http://${LOOPBACK}:${each}`;
  const { api, stripe, chip, klook, mailPage } = ports;
  const urls = { api: at(api), stripe: at(stripe), chip: at(chip), klook: at(klook), mail: at(mailPage) };
  const apiPorts = { 'api-1': port(9), 'api-2': port(10) };
  return { dir, secrets, fileOf, cli, ports, env, urls, apiPorts, wish };
}

/**
 * @param {Plan} plan
 * @param {Map<string, Part>} parts
 * @param {readonly string[]} wanted
 */
async function startAll(plan, parts, wanted) {
  const start = starters(plan);
  const keep = async (/** @type {keyof typeof start} */ name) =>
    void parts.set(name, await startPart(name, start[name]));
  await Promise.all([keep('postgres').then(() => runMigration(plan)), keep('temporal'), keep('sim')]);
  // The first worker builds what the second one runs too, and prepares the namespace.
  const [first, ...others] = /** @type {(keyof typeof start)[]} */ (wanted);
  if (first) await keep(first);
  await Promise.all(others.map(keep));
  if (wanted.some((name) => name.startsWith('api'))) await untilReady(plan.urls.api);
}

/** @param {Plan} plan */
function starters(plan) {
  const { dir, secrets, fileOf, cli, ports, env, wish } = plan;
  const program = (/** @type {keyof typeof PROGRAMS} */ kind, /** @type {string} */ name) => {
    const log = fileLog(dir, name, wish.onLine);
    const { script, ready, graceMs } = PROGRAMS[kind];
    return (/** @type {Readonly<Record<string, string>>} */ more = {}) =>
      startNodePart({
        name,
        file: fileOf(script),
        ready,
        graceMs,
        log,
        env: { ...env, ...more, ...wish.settingsOf?.(name) },
      });
  };
  const [firstPort, secondPort] = Object.values(plan.apiPorts).map(String);
  const api = { first: program('api', 'api-1'), second: program('api', 'api-2') };
  const [database, orchestrator] = [fileLog(dir, 'postgres'), fileLog(dir, 'temporal')];
  return {
    postgres: () =>
      postgres.startPostgres({
        dir: path.join(dir, 'postgres'),
        port: ports.postgres,
        password: secrets.DATABASE_PASSWORD,
        durable: true,
        onLine: database.keep,
      }),
    temporal: () =>
      temporal.startTemporal({
        cli,
        port: ports.temporal,
        dbFile: path.join(dir, 'temporal.db'),
        onLine: orchestrator.keep,
      }),
    sim: program('sim', 'sim'),
    'worker-1': program('worker', 'worker-1'),
    'worker-2': program('worker', 'worker-2'),
    background: program('background', 'background'),
    'api-1': () => api.first({ PORT: firstPort ?? '' }),
    'api-2': () => api.second({ PORT: secondPort ?? '' }),
  };
}

/** @param {Plan} plan */
const runMigration = ({ dir, fileOf, env }) =>
  runNodePart({ name: 'migrate', file: fileOf(MIGRATE), env, log: fileLog(dir, 'migrate') });

/**
 * The terminal tells the drill's story; what the parts say is in files.
 * @param {string} dir
 * @param {string} name
 * @param {(line: string) => void} [onLine]
 */
function fileLog(dir, name, onLine) {
  const file = path.join(dir, 'logs', `${name}.log`);
  const stream = createWriteStream(file, { flags: 'a' });
  const keep = (/** @type {string} */ line) => {
    stream.write(`${line}\n`);
    onLine?.(line);
  };
  return { file, keep, hear: keep, hearError: keep };
}

/** @param {string} api */
async function untilReady(api) {
  for (let tries = 0; tries < 60; tries += 1) {
    const { status } = await call(`${api}/readyz`).catch(() => ({ status: 0 }));
    if (status === 200) return;
    await sleep(500);
  }
}
