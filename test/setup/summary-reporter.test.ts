import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ROOT } from '../tidy/tree.ts';

const FILES = {
  'mixed.test.ts': `
    import { describe, expect, it } from 'vitest';
    import { SKIPPED_BECAUSE } from '${ROOT}test/setup/skip-mark.ts';
    it('passes', () => {});
    it('fails', () => expect(1).toBe(2));
    it('gives up', (context) => context.skip('the moon is new'));
    describe.skip('a suite' + SKIPPED_BECAUSE + 'Java is missing.', () => it('waits', () => {}));
    it.skip('says nothing', () => {});
    let tries = 0;
    it('passes at last', { retry: 1 }, () => expect(++tries).toBe(2));`,
  'broken.test.ts': `import './not-there.ts';`,
  'vitest.config.ts': `
    import { SummaryReporter } from '${ROOT}test/setup/summary-reporter.ts';
    export default { test: { reporters: [new SummaryReporter()] } };`,
};

let folder = '';
let output = '';
beforeAll(async () => {
  // Inside the repository, where the packages are found.
  folder = await mkdtemp(path.join(ROOT, 'node_modules', '.summary-test-'));
  await Promise.all(Object.entries(FILES).map(([name, text]) => writeFile(path.join(folder, name), text)));
  output = await runVitest();
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function runVitest(): Promise<string> {
  const args = [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, '--dir', folder];
  const env = { ...process.env, HOLDFAST_TEST_SUMMARY: path.join(folder, 'summary.json') };
  return new Promise((resolve) =>
    execFile(process.execPath, args, { env, cwd: os.tmpdir() }, (_error, stdout) => resolve(stdout)),
  );
}

describe('the summary of a run', () => {
  it('counts every test once, and a file that can’t be read as a failure', async () => {
    const summary: unknown = JSON.parse(await readFile(path.join(folder, 'summary.json'), 'utf8'));
    expect(summary).toEqual({ passed: 2, failed: 2, skipped: 3 });
  });

  it('says for each skipped test why', () => {
    expect(output).toContain('skipped, because the moon is new: gives up');
    expect(output).toContain('skipped, because Java is missing.: a suite');
    expect(output).toContain('skipped, because its author said so without a reason: says nothing');
  });

  it('says for each that was tried again why', () => {
    expect(output).toContain('tried again, because expected 1 to be 2 // Object.is equality: passes at last');
  });
});
