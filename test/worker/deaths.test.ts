import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { ROOT } from '../tidy/tree.ts';

const asked: string[] = [];
const vendor = createServer((request, response) => {
  asked.push(String(request.method));
  response.end('done');
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => void vendor.listen(0, '127.0.0.1', resolve));
  // A server listening on TCP has this kind of address.
  url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => void vendor.close(resolve)));

async function lifeOf(spec: string, by: 'fetch' | 'http' = 'fetch') {
  asked.length = 0;
  const script = fileURLToPath(new URL('./dying-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, spec, url, by];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, signal] = await Promise.all([
    text(child.stdout),
    new Promise<string | null>((resolve) => void child.once('exit', (_code, signalled) => resolve(signalled))),
  ]);
  const words = said.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return { words, signal, calls: [...asked], told: said.includes('"dying on purpose"') };
}

const KILLED = { signal: 'SIGKILL', told: true };

it('a worker dies before the effect', async () => {
  expect(await lifeOf('payOrder:before')).toEqual({ ...KILLED, words: [], calls: [] });
}, 30_000);

it('a worker dies after the vendor did it and before that is known, over either way to call, and not when it only looked', async () => {
  expect(await lifeOf('payOrder:inside:1')).toEqual({ ...KILLED, words: ['began', 'looked'], calls: ['GET', 'POST'] });
  expect(await lifeOf('payOrder:inside:1', 'http')).toEqual({ ...KILLED, words: ['began'], calls: ['POST'] });
}, 60_000);

it('a worker dies after the effect, before anybody is told', async () => {
  const words = ['began', 'looked', 'did'];
  expect(await lifeOf('payOrder:after:1')).toEqual({ ...KILLED, words, calls: ['GET', 'POST'] });
}, 30_000);

it('a worker dies after the report', async () => {
  const words = ['began', 'looked', 'did', 'answered'];
  expect(await lifeOf('payOrder:reported:1')).toEqual({ ...KILLED, words, calls: ['GET', 'POST'] });
}, 30_000);

it('a worker outlives what was meant for another activity, or for a later time', async () => {
  const { signal, words, told } = await lifeOf('openPayment:before:1,payOrder:before:2');
  expect({ signal, told, last: words.at(-1) }).toEqual({ signal: null, told: false, last: 'lived on' });
}, 30_000);
