// The workflows as one file, built once per state of the sources: a worker that starts again does not wait for webpack.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { WorkflowBundlePath } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['workflows', 'domain'];
const FAILURE_CONVERTER = join(ROOT, 'adapters/temporal/failure-converter.cjs');

export async function workflowBundle(cacheDir: string): Promise<WorkflowBundlePath> {
  const codePath = join(cacheDir, `workflows-${sourceHash()}.js`);
  if (!existsSync(codePath)) {
    mkdirSync(cacheDir, { recursive: true });
    const half = `${codePath}.${process.pid}`;
    writeFileSync(half, await buildBundle());
    renameSync(half, codePath);
  }
  return { codePath };
}

export async function buildBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows/index.ts'),
    failureConverterPath: FAILURE_CONVERTER,
    // Line numbers for stack traces, without a second copy of every source in each worker's memory.
    webpackConfigHook: (webpack) => ({ ...webpack, devtool: 'inline-nosources-source-map' }),
    logger: { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: console.warn, error: console.error },
  });
  return code;
}

const ignore = (): void => {};

/** Also the build id: the same sources behave the same in replay. */
export function sourceHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const folder of SOURCES) {
    for (const name of readdirSync(join(ROOT, folder)).toSorted())
      hash.update(name).update(readFileSync(join(ROOT, folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
