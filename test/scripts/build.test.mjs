// @ts-check
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildPrograms } from '../../scripts/parts/build.mjs';
import { ROOT } from '../../scripts/parts/paths.mjs';

const SCRIPT = 'worker/migrate.ts';

let built = '';
beforeAll(async () => {
  const fileOf = await buildPrograms({ scripts: [SCRIPT], dataDir: 'a test of the build' });
  built = fileOf(SCRIPT);
});
afterAll(() => rm(path.dirname(path.dirname(built)), { recursive: true, force: true }));

describe('a built program', () => {
  it('lies where the packages of the checkout are found', () => {
    expect(path.relative(path.join(ROOT, 'node_modules'), built)).not.toMatch(/^\.\./);
  });

  it('knows its sources’ own addresses, beside which their files lie', async () => {
    const text = await readFile(built, 'utf8');
    expect(text).toContain(JSON.stringify(pathToFileURL(path.join(ROOT, 'db/migrate.ts')).href));
    expect(text).not.toContain('import.meta.url');
  });

  it('says what is wrong with a source in one sentence', async () => {
    const build = buildPrograms({ scripts: ['worker/not-there.ts'], dataDir: 'a test of the build that fails' });
    await expect(build).rejects.toThrow('The programs could not be built');
  });
});
