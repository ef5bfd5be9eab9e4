import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { AREAS, brokenArrows, importsOf } from './tidy/imports.ts';
import {
  copiesOfTemporal,
  environmentReaders,
  type LockFile,
  loosePins,
  type Manifest,
  missingCitations,
  missingFromLock,
  tooLong,
  unfinishedMarks,
} from './tidy/rules.ts';
import { readCode, readDocs, ROOT } from './tidy/tree.ts';

const product = [...new Set(AREAS.map((area) => area.split('/')[0] ?? area))].flatMap((area) =>
  ['config', 'log'].includes(area) ? readCode(`${area}.ts`) : readCode(area),
);
const scripts = readCode('scripts');
const tests = readCode('test');
const docs = readDocs();
const inRoot = (file: string) => existsSync(path.join(ROOT, file));

describe('the repository', () => {
  it('was read', () => {
    expect(product.length).toBeGreaterThan(20);
    expect(scripts.length).toBeGreaterThan(5);
    expect(tests.length).toBeGreaterThan(5);
    expect(product.flatMap((file) => importsOf(file.text)).length).toBeGreaterThan(product.length);
  });

  it('keeps the arrows between its folders', () => {
    expect(brokenArrows(product)).toEqual([]);
  });

  it('reads the environment in one place', () => {
    expect(environmentReaders(product)).toEqual([]);
  });

  it('has no long files', () => {
    expect([...tooLong([...product, ...scripts], 300), ...tooLong(tests, 400)]).toEqual([]);
  });

  it('leaves nothing marked as unfinished', () => {
    expect(unfinishedMarks([...product, ...scripts, ...tests])).toEqual([]);
  });

  it('cites only paths that exist', () => {
    expect(missingCitations(docs, inRoot)).toEqual([]);
  });

  it('locks one copy of each part of the Temporal SDK', () => {
    const copies = copiesOfTemporal(readJson<LockFile>('package-lock.json'));
    expect([...copies.keys()]).toEqual(expect.arrayContaining(['@temporalio/workflow', '@temporalio/worker']));
    expect([...copies].filter(([, count]) => count !== 1)).toEqual([]);
  });

  it('locks the packages of every platform', () => {
    expect(missingFromLock(readJson<LockFile>('package-lock.json'))).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    expect(loosePins(readJson<Manifest>('package.json'))).toEqual([]);
  });
});

describe('the checks bite on', () => {
  const broken = (file: string, line: string) => brokenArrows([{ path: file, text: line }]);

  it.each([
    ['domain/money.ts', "import { db } from '../db/client.ts';"],
    ['domain/money.ts', "import { z } from 'zod';"],
    ['domain/money.ts', "import { readFile } from 'node:fs/promises';"],
    ['db/bookings.ts', "import { klook } from '../adapters/suppliers/klook.ts';"],
    ['adapters/suppliers/klook.ts', "import type { Row } from '../../db/schema.ts';"],
    ['sim/main.ts', "import { add } from '../domain/money.ts';"],
    ['workflows/booking.ts', "import { createActivities } from '../activities/index.ts';"],
    ['workflows/booking.ts', "import { hash } from 'node:crypto';"],
    ['workflows/booking.ts', "const late = await import('../db/client.ts');"],
    ['activities/record.ts', "import { readConfig } from '../config.ts';"],
    ['api/storefronts/trektoo.ts', "import { bookings } from '../../db/bookings.ts';"],
    ['api/app.ts', "import { bookingWorkflow } from '../workflows/booking.ts';"],
    ['api/app.ts', "import { relay } from '../worker/relay.ts';"],
    ['worker/main.ts', "export { app } from '../api/app.ts';"],
    ['worker/main.ts', "import {\n  app,\n} from '../api/app.ts';"],
    ['config.ts', "import { createLog } from './log.ts';"],
    ['db/client.ts', "import { tree } from '../test/tidy/tree.ts';"],
  ])('an import against the arrows: %s: %s', (file, line) => {
    expect(broken(file, line)).toHaveLength(1);
  });

  it.each([
    ['workflows/booking.ts', "import type { Activities } from '../activities/index.ts';"],
    ['workflows/booking.ts', "import { type A, type B } from '../activities/index.ts';"],
    ['api/app.ts', "import { bookingId } from '../workflows/messages.ts';"],
    ['api/app.ts', "import type { bookingWorkflow } from '../workflows/booking.ts';"],
    ['api/app.ts', "import { trektoo } from './storefronts/trektoo.ts';"],
    ['api/storefronts/trektoo.ts', "import { open } from '../bookings.ts';"],
    ['worker/main.ts', "import { readConfig } from '../config.ts';"],
  ])('but not on one along them: %s: %s', (file, line) => {
    expect(broken(file, line)).toEqual([]);
  });

  it('a second reader of the environment, a long file, a mark', () => {
    const file = {
      path: 'db/client.ts',
      text: `const url = process.env.DATABASE_URL; // ${['TO', 'DO'].join('')}\n${'x\n'.repeat(300)}`,
    };
    expect(environmentReaders([file])).toHaveLength(1);
    expect(tooLong([file], 300)).toHaveLength(1);
    expect(unfinishedMarks([file])).toHaveLength(1);
  });

  it('a cited path that is gone, in backticks and as a link', () => {
    const doc = {
      path: 'docs/guide.md',
      text: 'See `domain/gone.ts:12` and [this](../README.gone.md) and [that](https://example.org/x).',
    };
    expect(missingCitations([doc], () => false)).toEqual([
      'docs/guide.md names domain/gone.ts, which is not there',
      'docs/guide.md names README.gone.md, which is not there',
    ]);
  });

  it('a second copy of the SDK and a loose version', () => {
    const twice = { 'node_modules/@temporalio/client': {}, 'node_modules/x/node_modules/@temporalio/client': {} };
    expect(copiesOfTemporal({ packages: twice }).get('@temporalio/client')).toBe(2);
    expect(
      missingFromLock({ packages: { 'node_modules/esbuild': { optionalDependencies: { there: '1.0.0' } } } }),
    ).toHaveLength(1);
    expect(loosePins({ dependencies: { zod: '^4.0.0' }, devDependencies: { vitest: '4.1.12' } })).toHaveLength(1);
  });
});

function readJson<Shape>(file: string): Shape {
  // Our own two files, whose shape npm guarantees.
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as Shape;
}
