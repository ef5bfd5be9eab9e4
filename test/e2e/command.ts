// A command of an operator's, run against a stack as npm would run it.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ROOT } from '../tidy/tree.ts';
import type { Stack } from './stack.ts';

export interface Said {
  readonly code: number | null;
  readonly said: string;
}

export async function run({ environment }: Pick<Stack, 'environment'>, script: string, args: string[]): Promise<Said> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: ROOT,
    env: { ...environment, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, said: out + err };
}
