// @ts-check
// Which installation a command is about: the one that the environment names, or the one that runs here. Never some of each.
import { readFile } from 'node:fs/promises';

import { Refusal } from './failure.mjs';
import { dataDir } from './paths.mjs';
import { runningSupervisor, stackFile } from './run-file.mjs';

/** @typedef {NodeJS.ProcessEnv} Env */

/** Where a stack keeps its files says nothing about whose books are meant, and may be written in two ways. */
const NAMES_NOTHING = 'DATA_DIR';

/**
 * What is set wins. A stack that runs here completes it only where it is about that same stack, variable by variable.
 * @param {Env} env
 * @param {readonly string[]} needs the variables without which the environment does not name one
 * @returns {Promise<Env>}
 */
export async function installationOf(env, needs) {
  if (missingIn(env, needs).length === 0) return named(env);
  const dir = dataDir(env);
  const stack = await stackOn(dir);
  if (env.DATABASE_URL && env.DATABASE_URL !== stack?.DATABASE_URL) throw missing(env, needs);
  if (stack) return completed(env, stack);
  throw new Refusal(
    `Nothing runs on ${dir}: start it with npm start, or set ${needs.join(', ')} to those that are meant.`,
  );
}

/**
 * @param {Env} env
 * @param {readonly string[]} needs
 * @param {string} [why]
 */
export function requireNamed(env, needs, why = '') {
  if (missingIn(env, needs).length > 0) throw missing(env, needs, why);
  return named(env);
}

/**
 * For people: where it is, without who comes and with which password.
 * @param {Env} env
 */
export function placeOf({ DATABASE_URL = '', TEMPORAL_ADDRESS }) {
  const temporal = TEMPORAL_ADDRESS ? `, Temporal ${TEMPORAL_ADDRESS}` : '';
  return `database ${databaseAt(DATABASE_URL)}${temporal}`;
}

/** @param {string} text */
function databaseAt(text) {
  if (!URL.canParse(text)) throw new Refusal('DATABASE_URL reads postgres://user:password@host:5432/name.');
  const { hostname, port, pathname, searchParams } = new URL(text);
  const host = searchParams.get('host') ?? hostname;
  return `${host}:${searchParams.get('port') ?? (port || '5432')}${pathname}`;
}

/** @param {Env} env */
const named = (env) => ({ LOG_LEVEL: 'warn', ...env });

/** @param {Env} env @param {readonly string[]} needs */
const missingIn = (env, needs) => needs.filter((name) => !env[name]);

/** @param {Env} env @param {readonly string[]} needs @param {string} [why] */
function missing(env, needs, why = '') {
  return new Refusal(`${why}Set ${missingIn(env, needs).join(', ')}: what the environment names, it names whole.`);
}

/** @param {Env} env @param {Env} stack */
function completed(env, stack) {
  const others = Object.keys(stack).filter((name) => name !== NAMES_NOTHING && env[name] && env[name] !== stack[name]);
  if (others.length === 0) return named({ ...env, ...stack });
  throw new Refusal(
    `Holdfast runs here with another ${others.join(', ')} than the environment or .env says. If that one is meant, start it anew with ` +
      'what is set now, or unset it; if another installation is meant, set DATABASE_URL and the rest of it.',
  );
}

/** @param {string} dir @returns {Promise<Env | undefined>} */
async function stackOn(dir) {
  if ((await runningSupervisor(dir)) === undefined) return undefined;
  const text = await readFile(stackFile(dir), 'utf8').catch(() => undefined);
  if (text === undefined) throw new Refusal(`Holdfast is still starting on ${dir}: ask again when it is ready.`);
  return JSON.parse(text).env;
}
