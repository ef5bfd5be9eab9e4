// The whole product as `npm start` runs it, with a database, a task queue, ports and stand-ins of its own.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

import { freePorts } from '../../scripts/parts/free-ports.mjs';
import { startChip } from '../../sim/chip/server.ts';
import type { ChipOptions } from '../../sim/chip/server.ts';
import { startKlook } from '../../sim/klook/server.ts';
import type { KlookOptions } from '../../sim/klook/server.ts';
import { startMail } from '../../sim/mail/server.ts';
import { startStripe } from '../../sim/stripe/server.ts';
import type { StripeOptions } from '../../sim/stripe/server.ts';
import { workflowBundle } from '../../worker/bundle.ts';
import { createTestDatabase } from '../setup/database.ts';
import { temporalAddress } from '../setup/parts.ts';
import { openDatabaseLine } from './database-line.ts';
import { createProgram } from './program.ts';
import type { ProgramName } from './program.ts';

export const NAMESPACE = 'default';
export const WEBHOOK_PATH = '/api/webhooks/stripe';
const BUNDLES = path.join(tmpdir(), 'holdfast-test-bundles');

export interface StackOptions {
  /** On top of what `npm start` would set. */
  readonly environment?: Record<string, string>;
  readonly stripe?: NonNullable<StripeOptions['settings']>;
  readonly klook?: NonNullable<KlookOptions['settings']>;
  readonly chip?: NonNullable<ChipOptions['settings']>;
  /** All of them, unless told otherwise. */
  readonly programs?: readonly ProgramName[];
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

export async function startStack(options: StackOptions = {}) {
  const [database, stripe, klook, mail, [port], dataDir] = await Promise.all([
    createTestDatabase(),
    startStripe({ settings: { webhookRetryMs: 300, webhookRetryCapMs: 2_000, ...options.stripe } }),
    startKlook(options.klook ? { settings: options.klook } : {}),
    startMail(),
    // Stripe and CHIP must know the webhooks' address before the api listens on it.
    freePorts(1),
    mkdtemp(path.join(tmpdir(), 'holdfast-e2e-')),
  ]);
  const line = await openDatabaseLine(database.url);
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => undefined);
  const apiUrl = `http://127.0.0.1:${port}`;
  const chip = await startChip({ webhook: `${apiUrl}/webhooks/chip/{id}`, settings: { ...options.chip } });
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`;
  const taskQueue = `e2e-${randomUUID()}`;
  const environment: Record<string, string> = {
    ...baseEnvironment(),
    PORT: String(port),
    PUBLIC_URL: apiUrl,
    DATA_DIR: dataDir,
    WORKFLOW_BUNDLE: (await workflowBundle(BUNDLES)).codePath,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporalAddress(),
    TEMPORAL_NAMESPACE: NAMESPACE,
    TEMPORAL_TASK_QUEUE: taskQueue,
    STRIPE_API_BASE: stripe.url,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    KLOOK_API_BASE: klook.url,
    CHIP_API_BASE: `${chip.url}/api/v1`,
    SMTP_URL: mail.smtp.url,
    ...options.environment,
  };
  stripe.setWebhooks([{ url: apiUrl + WEBHOOK_PATH, secret: webhookSecret }]);
  const programs = {
    api: createProgram('api', { ...environment, DATABASE_URL: line.url }),
    worker: createProgram('worker', environment),
    background: createProgram('background', environment),
  };

  const stop = async () => {
    await Promise.all(Object.values(programs).map((program) => program.stop()));
    await Promise.all([stripe.close(), chip.close(), klook.close(), mail.close(), pool.end(), line.close()]);
    await Promise.all([database.drop(), rm(dataDir, { recursive: true, force: true })]);
  };
  try {
    const wanted = options.programs ?? (['api', 'worker', 'background'] as const);
    await Promise.all(wanted.map((name) => programs[name].start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stripe,
    chip,
    klook,
    mail,
    ...programs,
    apiUrl,
    webhookSecret,
    taskQueue,
    /** What its programs are told. */
    environment,
    jwtSecret: environment['JWT_SECRET'] ?? '',
    /** The api's own line to the database; the other programs have theirs. */
    apiDatabase: line,
    rows: async <Row = Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<Row[]> => {
      // The statement decides the shape, and each caller names it.
      const { rows } = await pool.query(statement, values);
      return rows as Row[];
    },
    stop,
  };
}

/** What `npm start` tells its children whatever the machine, with secrets of this stack alone. */
function baseEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    HOST: '127.0.0.1',
    DEV_ROUTES: 'true',
    LOG_LEVEL: 'debug',
    JWT_SECRET: randomBytes(32).toString('base64url'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    STRIPE_SECRET_KEY: 'sk_test_holdfast',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_holdfast',
    KLOOK_API_KEY: 'klook_test_holdfast',
    CHIP_API_KEY: 'chip_test_holdfast',
    CHIP_BRAND_ID: '6d1f5b0a-0000-4000-8000-00000000c419',
    // Hundreds of customers of one test are one token to the limiter.
    RATE_LIMIT_CREATES: '100000',
    // Whoever wants the books compared asks for it.
    RECONCILE_EVERY: 'off',
  };
}
