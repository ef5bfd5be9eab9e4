// @ts-check
import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/**
 * @typedef {object} CommandResult
 * @property {number} code -1 when the program could not be started or was ended by a signal
 * @property {string} output both streams, the last 20 000 characters
 */

/**
 * Runs a program to its end and keeps what it said.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, onLine?: (line: string) => void, uid?: number, gid?: number } & Pick<import('node:child_process').SpawnOptions, 'signal' | 'killSignal'>} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { timeoutMs, onLine, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (/** @type {Buffer} */ chunk) => {
      const text = chunk.toString('utf8');
      output = (output + text).slice(-20_000);
      if (onLine) text.split('\n').filter(Boolean).forEach(onLine);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (/** @type {number} */ code) => {
      clearTimeout(timer);
      resolve({ code, output });
    };
    child.once('error', (error) => {
      output += error.message;
      end(-1);
    });
    child.once('close', (code) => end(code ?? -1));
  });
}

/**
 * The first program of that name on PATH.
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>}
 */
export async function findOnPath(name, env = process.env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    const candidate = path.join(folder, name);
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** @param {string} file */
export async function isExecutable(file) {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
