// Runs `npm start` and `npm run demo` as a person would, in a data folder and on ports of their own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePorts } from '../../scripts/parts/free-ports.mjs';
import { createTestDatabase } from '../setup/database.ts';
import { temporalAddress } from '../setup/parts.ts';

const READY_WITHIN_MS = 120_000;

export interface Ended {
  readonly code: number | null;
  /** Both streams as they came. */
  readonly said: string;
}

export interface Surroundings {
  readonly dataDir: string;
  readonly environment: Record<string, string>;
  readonly remove: () => Promise<void>;
}

/** The database and the Temporal of the test run, on a task queue of its own: two servers less to start. */
export async function surroundings(): Promise<Surroundings> {
  const [dataDir, database] = await Promise.all([mkdtemp(path.join(tmpdir(), 'holdfast-demo-')), createTestDatabase()]);
  const names = ['PORT', 'STRIPE_SIM_PORT', 'CHIP_SIM_PORT', 'KLOOK_SIM_PORT', 'MAIL_SMTP_PORT', 'MAIL_PAGE_PORT'];
  const ports = await freePorts(names.length);
  const { PATH = '', HOME = '' } = process.env;
  return {
    dataDir,
    environment: {
      PATH,
      HOME,
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_TASK_QUEUE: `demo-${randomUUID()}`,
      ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])),
    },
    remove: async () => {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function runDemo({ environment }: Surroundings, args: readonly string[]): Promise<Ended> {
  return run('demo.mjs', environment, args).ended;
}

export interface RunningStack {
  readonly urls: Readonly<Record<string, string>>;
  readonly stop: () => Promise<Ended>;
}

export async function npmStart({ environment, dataDir }: Surroundings): Promise<RunningStack> {
  const { child, ended } = run('start.mjs', environment);
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    const facts = await readStack(dataDir);
    if (facts) return { urls: facts.urls, stop };
    if (child.exitCode !== null) break;
    await sleep(100);
  }
  throw new Error(`npm start was not ready: ${(await stop()).said}`);
}

export async function readStack(dataDir: string): Promise<{ urls: Record<string, string> } | undefined> {
  const text = await readFile(path.join(dataDir, 'stack.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function run(script: string, environment: Record<string, string>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [path.join('scripts', script), ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, said }));
  });
  return { child, ended };
}
