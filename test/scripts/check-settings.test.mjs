import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPrograms } from '../../scripts/parts/build.mjs';
import { CONFIG, REACH, requireDatabase, requireUsableSettings } from '../../scripts/parts/check-settings.mjs';
import { PlainFailure } from '../../scripts/parts/failure.mjs';

const usable = { DATABASE_URL: 'postgres://nowhere', ENCRYPTION_KEY: randomBytes(32).toString('base64') };
let fileOf = (/** @type {string} */ script) => script;

beforeAll(async () => {
  fileOf = await buildPrograms({ scripts: [CONFIG, REACH], dataDir: 'check-settings-test' });
});
afterAll(() => rm(path.dirname(fileOf(CONFIG)), { recursive: true, force: true }));

it('lets a start go on with what the programs can use', async () => {
  await expect(requireUsableSettings(fileOf, usable)).resolves.toBeUndefined();
});

it('says which variable is wrong before anything is started, without a stack', async () => {
  const check = requireUsableSettings(fileOf, { ...usable, PAYMENT_WINDOW: 'banana' });
  await expect(check).rejects.toThrow(/PAYMENT_WINDOW=banana/);
  await expect(check).rejects.toBeInstanceOf(PlainFailure);
});

it.each([
  [
    'postgres://me:secret@127.0.0.1:1/none',
    /^No database answers at 127\.0\.0\.1:1\/none \(ECONNREFUSED\); DATABASE_URL/,
  ],
  ['postgres://me:secret@database.invalid/none', /^No database answers at database\.invalid:5432\/none \(E\w+\)/],
  ['not an address', /^DATABASE_URL cannot be read/],
])('says in a sentence, without the password, that %s is no database', async (url, words) => {
  const check = requireDatabase(fileOf, url);
  await expect(check).rejects.toThrow(words);
  await expect(check).rejects.toBeInstanceOf(PlainFailure);
  await expect(check).rejects.not.toThrow('secret');
});
