// One of the product's programs as a process of its own, started as `npm start` starts it; what it logs is kept.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { builtProgram } from '../setup/parts.ts';
import { ROOT } from '../tidy/tree.ts';

const PROGRAMS = {
  api: { script: 'api/main.ts', ready: 'api ready' },
  worker: { script: 'worker/main.ts', ready: 'worker ready' },
  background: { script: 'worker/background.ts', ready: 'background ready' },
} as const;
export type ProgramName = keyof typeof PROGRAMS;

const READY_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 30_000;

export interface Program {
  /** Everything it ever said on both outputs, over all its lives. */
  readonly lines: readonly string[];
  /** Resolves when its log says that it is ready. */
  start(): Promise<void>;
  /** SIGTERM, and what a supervisor would wait. */
  stop(): Promise<void>;
  /** `kill -9`: no chance to finish anything. */
  kill(): Promise<void>;
}

export function createProgram(name: ProgramName, environment: Record<string, string>): Program {
  const lines: string[] = [];
  let child: ChildProcess | undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || hasEnded(ending)) return;
    const ended = untilExit(ending);
    ending.kill(signal);
    const timer = setTimeout(() => ending.kill('SIGKILL'), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  };

  return {
    lines,
    start: async () => {
      if (child && !hasEnded(child)) throw new Error(`${name} runs already`);
      child = await launch(name, environment, lines);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function launch(name: ProgramName, env: Record<string, string>, lines: string[]): Promise<ChildProcess> {
  const { script, ready } = PROGRAMS[name];
  const args = ['--enable-source-maps', builtProgram(script)];
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = untilExit(child);
  killWithUs(child, ended);
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const said = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const isReady = new Promise<'ready'>((resolve) => {
    said.on('line', (line) => line.includes(`"msg":"${ready}"`) && resolve('ready'));
  });
  const outcome = await Promise.race([isReady, ended, sleep(READY_WITHIN_MS, 'is not ready in time', { ref: false })]);
  if (outcome === 'ready') return child;
  child.kill('SIGKILL');
  throw new Error(`${name} ${outcome}; it said:\n${lines.slice(-20).join('\n')}`);
}

/** A test run that breaks off leaves nobody behind. */
function killWithUs(child: ChildProcess, ended: Promise<string>): void {
  const take = () => child.kill('SIGKILL');
  process.once('exit', take);
  void ended.then(() => process.removeListener('exit', take));
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function untilExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(`ended (${signal ?? code})`));
    child.once('error', (error) => resolve(`could not be started (${error.message})`));
  });
}
