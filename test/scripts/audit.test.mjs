import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deprecatedIn, faultsInLock, readAudit } from '../../scripts/parts/audit-lock.mjs';

const ours = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const good = { version: '1.0.0', integrity: 'sha512-x' };
const manifest = { dependencies: { a: '1.0.0' }, allowScripts: { b: true } };
const lockWith = (/** @type {object} */ change) => ({
  packages: { '': {}, 'node_modules/a': good, 'node_modules/b': { ...good, hasInstallScript: true }, ...change },
});

describe('the lock file', () => {
  it('of this product has no fault, and nothing deprecated in it', () => {
    const lock = ours('package-lock.json');
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(faultsInLock(lock, ours('package.json'))).toEqual([]);
    expect(deprecatedIn(lock)).toEqual([]);
  });

  it.each([
    ['a version that is not one', { ...manifest, dependencies: { a: '^1.0.0' } }, {}, /pin one version/],
    [
      'another version than is wanted',
      manifest,
      { 'node_modules/a': { ...good, version: '1.0.1' } },
      /not locked as that/,
    ],
    ['a package without a sum', manifest, { 'node_modules/c': { version: '1.0.0' } }, /^c is locked without/],
    ['a weak sum', manifest, { 'node_modules/c': { ...good, integrity: 'sha1-x' } }, /^c is locked without/],
    ['one from elsewhere', manifest, { 'node_modules/c': { ...good, resolved: 'git+ssh://x' } }, /^c comes from git/],
    [
      'a script nobody allowed',
      manifest,
      { 'node_modules/c': { ...good, hasInstallScript: true } },
      /^c runs a script/,
    ],
  ])('is found to hold %s', (_, wanted, change, words) => {
    const faults = faultsInLock(lockWith(change), wanted);
    expect(faults.some((fault) => words.test(fault))).toBe(true);
  });

  it('needs no sum for what only other machines install', () => {
    const other = { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] };
    expect(faultsInLock(lockWith({ 'node_modules/c': other }), manifest)).toEqual([]);
    const here = { ...other, os: ['linux'], cpu: ['x64'] };
    expect(faultsInLock(lockWith({ 'node_modules/c': here }), manifest)).toHaveLength(1);
  });
});

describe('what the registry knows against it', () => {
  it('counts when it is high or critical', () => {
    const vulnerabilities = {
      a: { severity: 'critical', range: '<1.0.1' },
      b: { severity: 'moderate', range: '*' },
    };
    expect(readAudit(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))).toEqual({
      kind: 'answered',
      severe: ['a <1.0.1: critical'],
      others: 1,
    });
    expect(readAudit('{"vulnerabilities":{}}')).toEqual({ kind: 'answered', severe: [], others: 0 });
  });

  it.each(['', 'not json', '{"message":"405 Method Not Allowed","error":{}}', '{"vulnerabilities":null}', '[]'])(
    'is not known when it answers %j',
    (text) => {
      expect(readAudit(text)).toMatchObject({ kind: 'unanswered', why: expect.stringMatching(/405|no answer/) });
    },
  );
});
