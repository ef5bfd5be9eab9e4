// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { createCrew } from '../../scripts/parts/crew.mjs';
import { oneAtATime } from '../../scripts/parts/one-at-a-time.mjs';
import { endProcess, isAlive, isOurProcess, startServer } from '../../scripts/parts/processes.mjs';
import { runningSupervisor, takeOver } from '../../scripts/parts/run-file.mjs';
import { backOff, keepRunning } from '../../scripts/parts/supervise.mjs';

const STUBBORN = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')";
const OBEDIENT = "setInterval(() => {}, 1000); console.log('up')";

/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** @param {string} program */
async function run(program) {
  const child = startServer(process.execPath, ['-e', program]);
  children.push(child);
  if (child.stdout) await once(child.stdout, 'data');
  return { child, mark: program, stop: () => endProcess(child) };
}

const silent = () => {};

describe('a part that is kept running', () => {
  it('is started again when it is killed, and not when it is stopped', async () => {
    const start = vi.fn(() => run(OBEDIENT));
    const part = await keepRunning({ name: 'part', start, firstDelayMs: 5, say: silent });
    const first = part.running().child;
    first.kill('SIGKILL');
    await vi.waitFor(() => expect(part.running().child.pid).not.toBe(first.pid), 5_000);
    await part.stop();
    expect(part.running().child.signalCode).toBe('SIGTERM');
    expect(start).toHaveBeenCalledTimes(2);
  });

  it('is tried again when the new start fails too', async () => {
    const start = vi.fn(() => run(OBEDIENT));
    const part = await keepRunning({ name: 'part', start, firstDelayMs: 5, say: silent });
    start.mockRejectedValueOnce(new Error('port taken'));
    part.running().child.kill('SIGKILL');
    await vi.waitFor(() => expect(start).toHaveBeenCalledTimes(3), 5_000);
    await part.stop();
  });

  it('reports a failure of the first start to whoever asked for it', async () => {
    const start = () => Promise.reject(new Error('no such program'));
    await expect(keepRunning({ name: 'part', start, say: silent })).rejects.toThrow('no such program');
  });

  it('waits longer each time, up to half a minute, and begins anew after a steady run', () => {
    const delays = backOff(500);
    expect(Array.from({ length: 8 }, () => delays.next())).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    delays.reset();
    expect(delays.next()).toBe(500);
  });
});

describe('ending a process', () => {
  it('waits for one that goes by itself', async () => {
    const { child } = await run(OBEDIENT);
    await endProcess(child);
    expect(child.signalCode).toBe('SIGTERM');
  });

  it('kills one that does not listen, after its grace', async () => {
    const { child } = await run(STUBBORN);
    await endProcess(child, { graceMs: 50 });
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('takes a process for ours only by its command line', async () => {
    const { child } = await run(OBEDIENT);
    expect(await isOurProcess(child.pid ?? 0, OBEDIENT)).toBe(true);
    expect(await isOurProcess(child.pid ?? 0, 'postgres -D')).toBe(false);
  });
});

describe('the data folder', () => {
  const inFolder = async (/** @type {(dir: string) => Promise<void>} */ body) => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-run-'));
    await body(dir).finally(() => rm(dir, { recursive: true, force: true }));
  };

  it('belongs to one supervisor at a time', () =>
    inFolder(async (dir) => {
      const program = path.join(dir, 'start.mjs');
      await writeFile(program, OBEDIENT);
      const other = spawn(process.execPath, [program], { stdio: 'ignore' });
      children.push(other);
      await writeFile(path.join(dir, 'run.json'), JSON.stringify({ pid: other.pid, children: [] }));
      expect(await runningSupervisor(dir)).toBe(other.pid);
      await expect(takeOver(dir, silent)).rejects.toThrow(`already runs on ${dir} (pid ${other.pid})`);
    }));

  it('is cleared of what a killed supervisor left, and of nothing else', () =>
    inFolder(async (dir) => {
      const [left, foreign] = [await run(OBEDIENT), await run(OBEDIENT)];
      const notes = [
        { name: 'worker', pid: left.child.pid, mark: OBEDIENT },
        { name: 'api', pid: foreign.child.pid, mark: 'another program' },
      ];
      await writeFile(path.join(dir, 'run.json'), JSON.stringify({ pid: 2 ** 22 + 1, children: notes }));
      await takeOver(dir, silent);
      expect(isAlive(left.child.pid ?? 0)).toBe(false);
      expect(isAlive(foreign.child.pid ?? 0)).toBe(true);
    }));

  it('says who runs, with the pid of the restarted part', () =>
    inFolder(async (dir) => {
      const crew = createCrew(dir);
      await crew.keep('worker', () => run(OBEDIENT));
      await crew.announce({ urls: { api: 'http://127.0.0.1:1' } });
      const stack = JSON.parse(await readFile(path.join(dir, 'stack.json'), 'utf8'));
      expect(stack).toMatchObject({ pid: process.pid, urls: { api: 'http://127.0.0.1:1' } });
      process.kill(stack.pids.worker, 'SIGKILL');
      await vi.waitFor(async () => {
        const now = JSON.parse(await readFile(path.join(dir, 'stack.json'), 'utf8'));
        expect(now.pids.worker).not.toBe(stack.pids.worker);
      }, 5_000);
      await crew.stop();
    }));
});

it('two that want the same long job do it one after the other', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'holdfast-lock-'));
  const lockFile = path.join(dir, 'job.lock');
  let inside = 0;
  const job = () =>
    oneAtATime({ lockFile, onWait: silent }, async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    });
  await Promise.all([job(), job()]);
  await writeFile(lockFile, String(2 ** 22 + 1));
  await job();
  await rm(dir, { recursive: true, force: true });
});
