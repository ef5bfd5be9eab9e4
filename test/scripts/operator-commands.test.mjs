// @ts-check
// The commands beside the product, as a person types them where nothing runs.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

import { ROOT } from '../../scripts/parts/paths.mjs';

const PATIENT = { timeout: 60_000 };
const key = randomBytes(32).toString('base64');
const away = { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/books', TEMPORAL_ADDRESS: '127.0.0.1:2' };

/** @param {readonly string[]} command @param {Record<string, string>} [env] */
async function type([name, ...args], env = {}) {
  const cleared = Object.fromEntries(
    ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'ENCRYPTION_KEY'].map((variable) => [variable, '']),
  );
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts', `${name}.mjs`), ...args], {
    env: { ...process.env, ...cleared, DATA_DIR: '.holdfast/nothing-runs-here', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise((resolve) => void child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, said: out + err };
}

describe('a command for operators', PATIENT, () => {
  it.each(['check', 'rotate-keys', 'recover', 'audit'])('tells how %s is used', async (name) => {
    const { code, said } = await type([name, '--help']);
    expect(said).toMatch(new RegExp(`^npm run ${name}`));
    expect(code).toBe(0);
  });

  it.each([
    [['check', '--grace', 'abc'], '--grace takes seconds, not "abc".'],
    [['check', '--grace', ''], '--grace takes seconds'],
    [['check', '--grace', '1201'], '--grace takes 1200 seconds at most.'],
    [['rotate-keys', '--foo'], "Unknown option '--foo'"],
    [['audit', '--foo'], "Unknown option '--foo'"],
    [['recover'], 'Say since when'],
  ])('refuses %j with its usage, before it looks for anything', async (command, why) => {
    const { code, said } = await type(command);
    expect(said).toContain(why);
    expect(said).toContain(`npm run ${command[0]}`);
    expect(said).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });

  it.each([
    [['recover', '--since', '2h'], away, /^\nSet ENCRYPTION_KEY: /],
    [
      ['recover', '--since', '2h'],
      { ...away, ENCRYPTION_KEY: 'x' },
      /\n {2}ENCRYPTION_KEY: must be 32 bytes in base64/,
    ],
    [['recover', '--since', '2h'], { ...away, ENCRYPTION_KEY: key }, /\nNo database answers at 127\.0\.0\.1:1\/books/],
    [['check'], { ...away, ENCRYPTION_KEY: key }, /^database 127\.0\.0\.1:1\/books, Temporal 127\.0\.0\.1:2\n/],
  ])('%j says in words where it cannot look', async (command, env, why) => {
    const { code, said } = await type(command, env);
    expect(said).toMatch(why);
    expect(said).not.toMatch(/^ +at |secret/m);
    expect(code).toBe(2);
  });
});
