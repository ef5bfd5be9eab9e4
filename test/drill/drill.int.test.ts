// The drill itself, short: whatever fails at once, the books of everybody agree when it is over.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith } from '../setup/parts.ts';
import { ROOT } from '../tidy/tree.ts';

const LIMIT_MS = 600_000;

describeWith(['postgres', 'temporal'], 'a product under attack', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'holdfast-drill-test-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** Run as its operators run it; what it printed is shown where it failed. */
  async function drill(...args: string[]) {
    const file = path.join(dir, 'report.json');
    const child = spawn(process.execPath, ['scripts/drill.mjs', ...args, '--report', file], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LIMIT_MS,
    });
    const [said, code] = await Promise.all([
      text(child.stdout),
      new Promise<number | null>((resolve) => void child.once('exit', resolve)),
    ]);
    const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
    return { said, code, report };
  }

  it(
    'is at rest in the end, with no money unexplained',
    async () => {
      const { said, code, report } = await drill(...'--seed 7 --bookings 12 --minutes 0.25 --window 25'.split(' '));
      expect(code, said).toBe(0);
      expect(report, said).toMatchObject({ atRest: true, findings: [], customers: 12, oddities: [] });
      expect(report['checker'], said).toMatchObject({ summary: { unread: 0 }, findings: [] });
      const struck = Object.keys(report['faults'] ?? {});
      expect(struck).toEqual(expect.arrayContaining(['kill -9 postgres', 'kill -9 temporal', 'kill -9 worker-1']));
      const left = Object.values(report['unexplained'] ?? {});
      expect(left.length).toBeGreaterThan(0);
      expect(left.every((minor) => minor === 0)).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'ends every booking whose worker died at some moment of its life',
    async () => {
      const { said, code, report } = await drill('--matrix', '--paths', 'happy', '--cells', '2');
      expect(code, said).toBe(0);
      expect(report, said).toMatchObject({ passed: true, findings: [] });
      expect(report['deaths'], said).toBe(2);
    },
    LIMIT_MS,
  );
});
