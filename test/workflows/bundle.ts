// The current workflows as one file, built once per state of the sources and shared by every test file.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { WorkflowBundle } from '@temporalio/worker';
import { workflowBundle } from '../../worker/bundle.ts';

export async function testBundle(): Promise<WorkflowBundle> {
  const { codePath } = await workflowBundle(join(tmpdir(), 'holdfast-test-bundles'));
  return { code: readFileSync(codePath, 'utf8') };
}
