// The other promises a compiler can't check: sizes, cited paths, one copy of the SDK, who reads the environment.
import path from 'node:path';

import type { SourceFile } from './tree.ts';

export function tooLong(files: readonly SourceFile[], most: number): string[] {
  return files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > most)
    .map((file) => `${file.path} has ${file.lines} lines, more than ${most}`);
}

const MAY_READ_ENVIRONMENT = ['config.ts', 'sim/main.ts'];

export function environmentReaders(files: readonly SourceFile[]): string[] {
  return files
    .filter(
      (file) => !MAY_READ_ENVIRONMENT.includes(file.path) && /\bprocess\.env\b|\bprocess\[['"]env/.test(file.text),
    )
    .map((file) => `${file.path} reads process.env; only ${MAY_READ_ENVIRONMENT.join(' and ')} may`);
}

// Put together from halves, so that this file does not find itself.
const MARKS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
].map((halves) => halves.join(''));
const UNFINISHED = new RegExp(String.raw`\b(${MARKS.join('|')})\b`);

export function unfinishedMarks(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const line = file.text.split('\n').findIndex((text) => UNFINISHED.test(text));
    return line === -1 ? [] : [`${file.path}:${line + 1} is marked as unfinished`];
  });
}

const OUR_FOLDERS = 'domain|workflows|activities|adapters|db|api|worker|sim|test|scripts|docs|deploy|\\.ci|\\.githooks';
const CITED = new RegExp('`(?<cited>(?:' + OUR_FOLDERS + ')/[\\w./-]*)(?::\\d+)?`', 'g');
const LINK = /\]\((?<target>(?![a-z]+:|#|\/)[^)#\s]+)[^)]*\)/g;

/** Paths that documents name, in backticks from the root or as links from where they stand. */
export function missingCitations(docs: readonly SourceFile[], exists: (file: string) => boolean): string[] {
  return docs.flatMap((doc) => {
    const cited = [...doc.text.matchAll(CITED)].map(({ groups }) => groups?.['cited'] ?? '');
    const linked = [...doc.text.matchAll(LINK)].map(({ groups }) =>
      path.posix.join(path.posix.dirname(doc.path), groups?.['target'] ?? ''),
    );
    return [...cited, ...linked]
      .filter((file) => !exists(file))
      .map((file) => `${doc.path} names ${file}, which is not there`);
  });
}

export interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >;
}

/** Several copies of the SDK break `instanceof` between them. */
export function copiesOfTemporal(lock: LockFile): Map<string, number> {
  const names = Object.keys(lock.packages).flatMap((key) => /node_modules\/(@temporalio\/[^/]+)$/.exec(key)?.[1] ?? []);
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/**
 * npm leaves packages for other platforms out of the lock file when the registry in use lacks them, and `npm ci` then
 * refuses the whole file.
 */
export function missingFromLock({ packages }: LockFile): string[] {
  return Object.entries(packages).flatMap(([key, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !packages[`${key}/node_modules/${name}`] && !packages[`node_modules/${name}`])
      .map((name) => `${key} may install ${name}, which package-lock.json does not hold`),
  );
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function loosePins(manifest: Manifest): string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is pinned to ${version}, which is not one version`);
}
