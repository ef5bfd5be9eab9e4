// @ts-check
// Turns each of our programs into one plain JavaScript file before it is started: loading the sources one by one
// through a TypeScript loader took two and a half times as long (2.5 s against 1.0 s of processor time for the API).
import { readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { PlainFailure } from './failure.mjs';
import { ROOT } from './paths.mjs';

/** In node_modules, because from there the packages are found; one folder for each data folder that runs. */
const BUILD_DIR = path.join(ROOT, 'node_modules', '.cache', 'holdfast');

/**
 * @param {{ scripts: readonly string[], dataDir: string }} options scripts relative to the checkout
 * @returns {Promise<(script: string) => string>} where the built file of a script lies
 */
export async function buildPrograms({ scripts, dataDir }) {
  const outdir = path.join(BUILD_DIR, createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
  const { build } = await import('esbuild');
  await rm(outdir, { recursive: true, force: true });
  try {
    await build({
      absWorkingDir: ROOT,
      entryPoints: [...scripts],
      outdir,
      outbase: ROOT,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      packages: 'external',
      platform: 'node',
      target: 'node20.19',
      format: 'esm',
      sourcemap: 'linked',
      logLevel: 'silent',
      plugins: [ownAddresses],
    });
  } catch (error) {
    throw new PlainFailure(
      `The programs could not be built: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return (script) => path.join(outdir, script.replace(/\.tsx?$/, '.mjs'));
}

/**
 * A source that asks for its own address means the source's, beside which its files lie.
 * @type {import('esbuild').Plugin}
 */
const ownAddresses = {
  name: 'own-addresses',
  setup(build) {
    build.onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href));
      return { contents, loader: file.endsWith('.tsx') ? 'tsx' : 'ts' };
    });
  },
};
