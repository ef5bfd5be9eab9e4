// @ts-check
// The table of guards, held against the source, the tests and its page; and the runner, on two guards.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faultsIn, verdictOn } from '../../scripts/guards/judge.mjs';
import { optionsFrom } from '../../scripts/guards/options.mjs';
import { PAGE, pageText } from '../../scripts/guards/page.mjs';
import { tryGuard } from '../../scripts/guards/run-guards.mjs';
import { openScratch, sourceWithout } from '../../scripts/guards/scratch.mjs';
import { GUARDS, needsServices } from '../../scripts/guards/table.mjs';
import { ROOT } from '../../scripts/parts/paths.mjs';

/** @typedef {import('../../scripts/guards/table.mjs').Guard} Guard */

const read = (/** @type {string} */ file) => readFileSync(path.join(ROOT, file), 'utf8');

/** @param {string} name @returns {Guard} */
function guardNamed(name) {
  const guard = GUARDS.find((each) => each.name === name);
  if (!guard) throw new Error(`no guard ${name}`);
  return guard;
}

const LITERAL = /(?<quote>['"`])(?<text>(?:\\.|(?!\k<quote>)[^\\\n])+)\k<quote>/g;
const FILLED_IN = /%[sijo]|\$\w+/;

/** As a title, or as one that a table of cases fills in. @param {string} source @param {string} name */
function hasTest(source, name) {
  const titles = [...source.matchAll(LITERAL)].map(({ groups }) => groups?.['text'] ?? '');
  return titles.some((title) => title === name || (FILLED_IN.test(title) && patternOf(title).test(name)));
}

const patternOf = (/** @type {string} */ title) => new RegExp(`^${title.split(FILLED_IN).map(escaped).join('.+')}$`);

const escaped = (/** @type {string} */ text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Seconds on a busy machine. */
const PATIENT = { timeout: 60_000 };

describe('the table of guards', PATIENT, () => {
  it('names each once', () => {
    expect(GUARDS.length).toBeGreaterThan(100);
    expect(new Set(GUARDS.map(({ name }) => name)).size).toBe(GUARDS.length);
  });

  it('finds each in the source, once, and takes something out', () => {
    for (const guard of GUARDS) {
      const source = read(guard.file);
      expect(sourceWithout(source, guard), guard.name).not.toBe(source);
    }
  });

  it('leaves code that can be read', () => {
    for (const guard of GUARDS.filter(({ file }) => file.endsWith('.ts')))
      expect(() => transformSync(sourceWithout(read(guard.file), guard), { loader: 'ts' }), guard.name).not.toThrow();
  });

  it('names tests that are there', () => {
    for (const { name, test } of GUARDS)
      expect(hasTest(read(test.file), test.name), `${name}: ${test.name}`).toBe(true);
  });

  it('is what docs/guards.md shows: npm run guards -- --page', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(pageText());
  });

  it('would notice that a text is gone or not alone, and that a test is', () => {
    const guard = { name: 'g', file: 'f', text: 'if (no) throw', without: '' };
    expect(() => sourceWithout('nothing of it', guard)).toThrow('in f 0 times');
    expect(() => sourceWithout('if (no) throw; if (no) throw;', guard)).toThrow('in f 2 times');
    expect(sourceWithout('a; if (no) throw b;', guard)).toBe('a;  b;');
    const source = "it('is there', …); it.each(all)('is refused: %s', …)";
    expect(['is there', 'is refused: twice', 'is not there'].map((name) => hasTest(source, name))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('what is asked of the runner', () => {
  it('is all guards, those without services, or some by name', () => {
    expect(optionsFrom([]).guards).toEqual(GUARDS);
    const alone = optionsFrom(['--unit']).guards;
    expect([alone.length > 20, alone.some(needsServices)]).toEqual([true, false]);
    const two = ['captured-once', 'one-attempt-open'];
    expect(optionsFrom(['--only', two.join(', ')]).guards.map(({ name }) => name)).toEqual(two);
  });

  it('is refused in words where it means nothing', () => {
    expect(() => optionsFrom(['--only', 'luck'])).toThrow('no guard "luck"');
    expect(() => optionsFrom(['--all'])).toThrow('npm run guards');
  });
});

describe('a guard that is out', () => {
  const guard = guardNamed('captured-once');
  /** @param {{ title?: string, status?: string, said?: string, file?: string }} result */
  const verdict = ({ title = guard.test.name, status = 'failed', said = 'AssertionError: no\nat x', file }) =>
    verdictOn(
      {
        testResults: [
          {
            name: path.join('/copy', file ?? guard.test.file),
            message: 'a suite',
            assertionResults: [{ title, status, failureMessages: [said] }],
          },
        ],
      },
      '/copy',
      guard,
    );

  it('is caught when its own test fails by what it expects', () => {
    expect(verdict({})).toEqual({ kind: 'caught', why: 'AssertionError: no' });
  });

  it('is missed when that test passes', () => {
    expect(verdict({ status: 'passed' }).kind).toBe('missed');
  });

  it.each([
    ['its test was skipped', { status: 'skipped' }],
    ['only another test of the file failed', { title: 'another' }],
    ['only another file ran', { file: 'test/other.test.ts' }],
    ['the code does not run', { said: 'ReferenceError: gone is not defined' }],
    ['a service did not answer', { said: 'ServiceError: Update-With-Start failed' }],
    ['it took too long', { said: 'Error: Test timed out in 60000ms.' }],
  ])('proves nothing when %s', (_, result) => {
    expect(verdict(result).kind).toBe('broken');
  });

  it('proves nothing when the run broke off, or the code is none', () => {
    expect(verdictOn(undefined, '/copy', guard).kind).toBe('broken');
    const said = ['a.ts(1,2): error TS6133: unused', 'a.ts(3,4): error TS2304: Cannot find name', 'Found 2 errors.'];
    expect(faultsIn(said.join('\n'))).toEqual(['a.ts(3,4): error TS2304: Cannot find name']);
  });
});

describe('the runner', () => {
  /** @type {import('../../scripts/guards/scratch.mjs').Scratch} */
  let scratch;
  beforeAll(async () => {
    scratch = await openScratch();
  }, PATIENT.timeout);
  afterAll(() => scratch.remove());

  it(
    'catches a guard that is out, tells one whose absence nobody notices, and puts both back',
    async () => {
      const real = guardNamed('captured-once');
      const idle = { ...real, name: 'idle', text: 'was captured before', without: 'was taken before' };
      const source = read(real.file);
      expect((await tryGuard(scratch.dir, real)).kind).toBe('caught');
      expect((await tryGuard(scratch.dir, idle)).kind).toBe('missed');
      expect(readFileSync(path.join(scratch.dir, real.file), 'utf8')).toBe(source);
      expect(read(real.file)).toBe(source);
    },
    2 * PATIENT.timeout,
  );
});
