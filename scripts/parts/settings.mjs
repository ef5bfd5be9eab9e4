// @ts-check
// Turns the environment into what `npm start` starts, on which ports, and what its children are told.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';

import { dataDir, ROOT } from './paths.mjs';
import { LOOPBACK, portFrom } from './ports.mjs';

/** @typedef {NodeJS.ProcessEnv} Env */

// The stand-ins take any key of the vendor's test shape; these say in every log line that no money is meant.
const STAND_IN_KEYS = {
  STRIPE_SECRET_KEY: 'sk_test_holdfast',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_holdfast',
  CHIP_API_KEY: 'chip_test_holdfast',
  CHIP_BRAND_ID: '6d1f5b0a-0000-4000-8000-00000000c419',
  KLOOK_API_KEY: 'klook_test_holdfast',
};

/** Every port of ours: what wants it, the variable that moves it, its default. */
export const PORTS = /** @type {const} */ ({
  api: { what: 'the API and its pages', variable: 'PORT', fallback: 3000 },
  postgres: { what: 'PostgreSQL', variable: 'POSTGRES_PORT', fallback: 54_329 },
  temporal: { what: 'Temporal', variable: 'TEMPORAL_PORT', fallback: 7233 },
  temporalUi: { what: 'the Temporal Web UI', variable: 'TEMPORAL_UI_PORT', fallback: 8233 },
  stripe: { what: 'the Stripe stand-in', variable: 'STRIPE_SIM_PORT', fallback: 12_111 },
  chip: { what: 'the CHIP stand-in', variable: 'CHIP_SIM_PORT', fallback: 12_112 },
  klook: { what: 'the Klook stand-in', variable: 'KLOOK_SIM_PORT', fallback: 12_113 },
  smtp: { what: 'the mail stand-in', variable: 'MAIL_SMTP_PORT', fallback: 12_125 },
  mailPage: { what: "the mail stand-in's page", variable: 'MAIL_PAGE_PORT', fallback: 12_126 },
});

/** @typedef {keyof typeof PORTS} PortName */

/**
 * The environment with what `.env` adds; what is already set wins.
 * @param {Env} env
 * @param {string} [file]
 * @returns {Promise<Env>}
 */
export async function withEnvFile(env, file = path.join(ROOT, '.env')) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return { ...parseEnv(text), ...env };
}

/**
 * Which parts start here; the others are reached at the address the environment gives.
 * @param {Env} env
 */
export function partsToStart(env) {
  const standIns = /** @type {const} */ ([
    ['stripe', !env.STRIPE_SECRET_KEY && !env.STRIPE_API_BASE],
    ['chip', !env.CHIP_API_KEY && !env.CHIP_API_BASE],
    ['klook', !env.KLOOK_API_KEY && !env.KLOOK_API_BASE],
    ['mail', !env.SMTP_URL],
  ]);
  return {
    postgres: !env.DATABASE_URL,
    temporal: !env.TEMPORAL_ADDRESS,
    standIns: standIns.flatMap(([name, wanted]) => (wanted ? [name] : [])),
  };
}

/** @typedef {ReturnType<typeof partsToStart>} Parts */

/**
 * The ports that the parts started here will listen on.
 * @param {Env} env
 * @returns {{ name: PortName, what: string, variable: string, port: number, chosen: boolean }[]}
 */
export function portsInUse(env) {
  const parts = partsToStart(env);
  /** @type {PortName[]} */
  const names = [
    'api',
    ...(parts.postgres ? /** @type {const} */ (['postgres']) : []),
    ...(parts.temporal ? /** @type {const} */ (['temporal', 'temporalUi']) : []),
    ...parts.standIns.flatMap((name) => (name === 'mail' ? /** @type {const} */ (['smtp', 'mailPage']) : [name])),
  ];
  return names.map((name) => {
    const { what, variable, fallback } = PORTS[name];
    return { name, what, variable, port: portFrom(env, variable, fallback), chosen: Boolean(env[variable]) };
  });
}

/**
 * Secrets that nobody set are made once and kept for the next start.
 * @param {string} dir
 * @returns {Promise<Record<'JWT_SECRET' | 'ENCRYPTION_KEY' | 'STRIPE_WEBHOOK_SECRET' | 'DATABASE_PASSWORD', string>>}
 */
export async function keptSecrets(dir) {
  const file = path.join(dir, 'secrets.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const kept = JSON.parse(text);
  const secrets = {
    JWT_SECRET: kept.JWT_SECRET ?? randomBytes(32).toString('base64url'),
    ENCRYPTION_KEY: kept.ENCRYPTION_KEY ?? randomBytes(32).toString('base64'),
    STRIPE_WEBHOOK_SECRET: kept.STRIPE_WEBHOOK_SECRET ?? `whsec_${randomBytes(24).toString('base64url')}`,
    DATABASE_PASSWORD: kept.DATABASE_PASSWORD ?? randomBytes(18).toString('base64url'),
  };
  await mkdir(dir, { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/**
 * What every child is told: the environment as given, completed by where the parts started here listen.
 * @param {{ env: Env, ports: Record<PortName, number>, secrets: Awaited<ReturnType<typeof keptSecrets>> }} options
 * @returns {Record<string, string>}
 */
export function childEnvironment({ env, ports, secrets }) {
  const at = (/** @type {number | undefined} */ port) => `http://${LOOPBACK}:${port}`;
  const password = encodeURIComponent(secrets.DATABASE_PASSWORD);
  const defaults = {
    PORT: String(ports.api),
    DATA_DIR: dataDir(env),
    DATABASE_URL: `postgres://holdfast:${password}@${LOOPBACK}:${ports.postgres}/holdfast`,
    TEMPORAL_ADDRESS: `${LOOPBACK}:${ports.temporal}`,
    ...(!env.TEMPORAL_ADDRESS && { TEMPORAL_UI_URL: at(ports.temporalUi) }),
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_TASK_QUEUE: 'holdfast',
    PUBLIC_URL: at(ports.api),
    DEV_ROUTES: String(!isExposed(env)),
    ...(env.JWKS_URL ? {} : { JWT_SECRET: secrets.JWT_SECRET }),
    ENCRYPTION_KEY: secrets.ENCRYPTION_KEY,
    STRIPE_WEBHOOK_SECRET: secrets.STRIPE_WEBHOOK_SECRET,
    ...standInEnvironment({ env, ports, at }),
  };
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return { ...defaults, ...Object.fromEntries(given), DATA_DIR: dataDir(env) };
}

/** @param {{ env: Env, ports: Record<PortName, number>, at: (port: number | undefined) => string }} options */
function standInEnvironment({ env, ports, at }) {
  const { standIns } = partsToStart(env);
  // A foreign address without a key gets the stand-in's: it is somebody's stand-in, or it refuses the key by itself.
  const stripeKeys = {
    STRIPE_SECRET_KEY: STAND_IN_KEYS.STRIPE_SECRET_KEY,
    STRIPE_PUBLISHABLE_KEY: STAND_IN_KEYS.STRIPE_PUBLISHABLE_KEY,
  };
  return {
    ...(env.STRIPE_SECRET_KEY ? {} : stripeKeys),
    // For play money only: where a live key takes real money, whoever answers for prices names the rate.
    ...(!isLiveKey(env.STRIPE_SECRET_KEY) && { FX_RATES: 'PKR/USD=0.0036' }),
    ...(env.CHIP_API_KEY
      ? {}
      : { CHIP_API_KEY: STAND_IN_KEYS.CHIP_API_KEY, CHIP_BRAND_ID: STAND_IN_KEYS.CHIP_BRAND_ID }),
    ...(env.KLOOK_API_KEY ? {} : { KLOOK_API_KEY: STAND_IN_KEYS.KLOOK_API_KEY }),
    ...(standIns.includes('stripe') && {
      STRIPE_API_BASE: at(ports.stripe),
      STRIPE_WEBHOOK_URL: `${at(ports.api)}/api/webhooks/stripe`,
    }),
    ...(standIns.includes('chip') && {
      CHIP_API_BASE: `${at(ports.chip)}/api/v1`,
      CHIP_WEBHOOK_URL: `${at(ports.api)}/webhooks/chip/{id}`,
    }),
    ...(standIns.includes('klook') && { KLOOK_API_BASE: at(ports.klook) }),
    ...(standIns.includes('mail') && { SMTP_URL: `smtp://${LOOPBACK}:${ports.smtp}` }),
    SIM_ONLY: standIns.join(','),
    STRIPE_SIM_PORT: String(ports.stripe),
    CHIP_SIM_PORT: String(ports.chip),
    KLOOK_SIM_PORT: String(ports.klook),
    MAIL_SMTP_PORT: String(ports.smtp),
    MAIL_PAGE_PORT: String(ports.mailPage),
    SIM_DATA_DIR: path.join(dataDir(env), 'sim'),
  };
}

/**
 * Real money or strangers in sight: no route that hands out tokens.
 * @param {Env} env
 */
function isExposed(env) {
  const isLive = env.NODE_ENV === 'production' || takesRealMoney(env);
  return isLive || !['', LOOPBACK, 'localhost', '::1'].includes(env.HOST ?? '');
}

/**
 * Stripe's keys say so. CHIP's do not: its own address in use by a shop that the public can reach counts as real.
 * @param {Env} env
 */
export function takesRealMoney(env) {
  const isPublic = Boolean(env.PUBLIC_URL) && !isLoopback(env.PUBLIC_URL);
  const paysAtChip = Boolean(env.CHIP_API_KEY) && (!env.CHIP_API_BASE || /chip-in\.asia/.test(env.CHIP_API_BASE));
  return isLiveKey(env.STRIPE_SECRET_KEY) || (isPublic && paysAtChip);
}

/** @param {string | undefined} key */
const isLiveKey = (key) => Boolean(key?.startsWith('sk_live_'));

/** @param {string | undefined} url */
const isLoopback = (url) => [LOOPBACK, 'localhost', '[::1]'].includes(new URL(url ?? '').hostname);
