// @ts-check
// `npm start`: gets and starts every part of the product, keeps them running, and ends them in order.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { buildPrograms } from './build.mjs';
import { CONFIG, REACH, requireDatabase, requireUsableSettings } from './check-settings.mjs';
import { choosePorts } from './choose-ports.mjs';
import { createCrew } from './crew.mjs';
import { PlainFailure, runMain } from './failure.mjs';
import { ensureDependencies } from './install.mjs';
import { dataDir } from './paths.mjs';
import { endEverything, killEverything, startNoMore } from './processes.mjs';
import { elapsed, speaker } from './progress.mjs';
import { linkLines, stackFacts, untilApiIsReady, urlsOf } from './ready.mjs';
import { removeRun, takeOver } from './run-file.mjs';
import { childEnvironment, keptSecrets, partsToStart, takesRealMoney, withEnvFile } from './settings.mjs';
import { migrate, postgresPart, programPart, SCRIPTS, temporalPart } from './stack-parts.mjs';

const SAME_KEYPRESS_MS = 500;

const say = speaker('holdfast');

/** @typedef {import('./stack-parts.mjs').Plan} Plan */
/** @typedef {ReturnType<typeof createCrew>} Crew */

export async function runStack() {
  await runMain(async () => {
    const stopAsked = firstStopSignal();
    await ensureDependencies();
    const plan = await makePlan();
    const crew = createCrew(plan.dir);
    try {
      return await serve({ plan, crew, stopAsked });
    } finally {
      startNoMore();
      await crew.stop();
      await endEverything();
      await removeRun(plan.dir);
    }
  });
  // Whatever still waits in some callback must not keep the terminal.
  process.exit();
}

/** @returns {Promise<Plan>} */
async function makePlan() {
  const env = await withEnvFile(process.env);
  const dir = dataDir(env);
  await mkdir(dir, { recursive: true });
  await takeOver(dir, say);
  const [ports, secrets, fileOf] = await Promise.all([
    choosePorts(env),
    keptSecrets(dir),
    buildPrograms({ scripts: [...SCRIPTS, CONFIG, REACH], dataDir: dir }),
  ]);
  refusePretence(env);
  const told = childEnvironment({ env, ports, secrets });
  await requireUsableSettings(fileOf, told);
  const parts = partsToStart(env);
  if (!parts.postgres) await requireDatabase(fileOf, told.DATABASE_URL ?? '');
  return { dir, ports, secrets, fileOf, parts, env: told };
}

/**
 * Real money must not buy from a pretended supplier, nor its letters go nowhere.
 * @param {NodeJS.ProcessEnv} env
 */
function refusePretence(env) {
  const { standIns } = partsToStart(env);
  const isStripeLive = Boolean(env.STRIPE_SECRET_KEY?.startsWith('sk_live_'));
  if (isStripeLive && standIns.length > 0)
    throw new PlainFailure(
      `STRIPE_SECRET_KEY is a live key, but ${standIns.join(' and ')} would be stand-ins: set CHIP_API_KEY, KLOOK_API_KEY and SMTP_URL as well.`,
    );
  // A shop needs neither of the others, but its letters must arrive.
  if (takesRealMoney(env) && standIns.includes('mail'))
    throw new PlainFailure('Customers would pay at CHIP, but their letters would go nowhere: set SMTP_URL as well.');
}

/**
 * @param {{ plan: Plan, crew: Crew, stopAsked: Promise<string> }} options
 * @returns {Promise<number>} the exit code
 */
async function serve({ plan, crew, stopAsked }) {
  say(`starting on ${plan.dir}; each part's whole log is in ${path.join(plan.dir, 'logs')}`);
  const starting = startParts(plan, crew);
  const first = await Promise.race([starting.then(() => undefined), stopAsked]);
  if (first !== undefined) {
    startNoMore();
    starting.catch(() => undefined);
    say(`${first}: breaking off the start …`);
    return 0;
  }
  await crew.announce(stackFacts(plan));
  const lines = await linkLines(urlsOf(plan));
  say(`ready in ${elapsed()}. Ctrl-C stops it.`);
  for (const line of lines) console.log(line);
  say(`${await stopAsked}: stopping …`);
  const stopping = Date.now();
  await crew.stop();
  say(`stopped in ${elapsed(stopping)}; the data stays in ${plan.dir}`);
  return 0;
}

/**
 * @param {Plan} plan
 * @param {Crew} crew
 */
async function startParts(plan, crew) {
  const database = async () => {
    if (plan.parts.postgres) await crew.keep('postgres', await postgresPart(plan));
    const begun = Date.now();
    await migrate(plan);
    speaker('database')(`migrated in ${elapsed(begun)}`);
  };
  const temporal = async () => {
    if (plan.parts.temporal) await crew.keep('temporal', await temporalPart(plan));
  };
  const standIns = async () => {
    if (plan.parts.standIns.length > 0) await crew.keep('sim', await programPart(plan, 'sim'));
  };
  const sim = standIns();
  // Reported by the last wait; here it must only not count as forgotten.
  sim.catch(() => undefined);
  await Promise.all([database(), temporal()]);
  const programs = /** @type {const} */ (['worker', 'background', 'api']);
  await Promise.all([sim, ...programs.map(async (name) => crew.keep(name, await programPart(plan, name)))]);
  await untilApiIsReady(urlsOf(plan).api ?? '');
}

/**
 * The first signal asks to stop, a later one forces it. Ctrl-C under npm comes twice at once: from the terminal and
 * passed on by npm.
 * @returns {Promise<string>}
 */
function firstStopSignal() {
  let askedAt = 0;
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        askedAt ||= Date.now();
        resolve(signal);
        if (Date.now() - askedAt < SAME_KEYPRESS_MS) return;
        say(`${signal} again: killing what still runs`);
        killEverything();
        process.exit(1);
      });
    }
  });
}
