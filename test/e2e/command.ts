// A command of an operator's, run against a stack as npm would run it.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ROOT } from '../tidy/tree.ts';
import type { Stack } from './stack.ts';

export interface Said {
  readonly code: number | null;
  readonly said: string;
}

export interface Command {
  readonly ended: Promise<Said>;
  /** `kill -9`. */
  kill(): void;
}

export function begin({ environment }: Pick<Stack, 'environment'>, script: string, args: string[]): Command {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: ROOT,
    env: { ...environment, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  const ended = Promise.all([text(child.stdout), text(child.stderr), exit]).then(([out, err, code]) => ({
    code,
    said: out + err,
  }));
  return { ended, kill: () => void child.kill('SIGKILL') };
}

export const run = (stack: Pick<Stack, 'environment'>, script: string, args: string[]): Promise<Said> =>
  begin(stack, script, args).ended;
