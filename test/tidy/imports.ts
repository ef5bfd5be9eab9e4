// The arrows between the folders: who may import whom. The table is the rule; everything else reads it.
import path from 'node:path';

import type { SourceFile } from './tree.ts';

/** Area → what it may import of ours. 'type x' allows types only; an entry with a slash allows only that module. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  db: ['domain'],
  adapters: ['domain'],
  sim: [],
  workflows: ['domain', 'type activities'],
  activities: ['domain', 'db', 'adapters'],
  'api/storefronts': ['domain', 'api/bookings', 'api/errors'],
  api: ['api/storefronts', 'domain', 'db', 'adapters', 'workflows/messages', 'type workflows', 'config', 'log'],
  worker: ['domain', 'db', 'adapters', 'activities', 'workflows', 'config', 'log'],
  config: ['domain'],
  log: [],
};

/** What runs in the replayed sandbox may come only from these packages. */
const SANDBOX_PACKAGES: Record<string, readonly string[]> = {
  domain: [],
  workflows: ['@temporalio/workflow', '@temporalio/common'],
};

export const AREAS = Object.keys(MAY_IMPORT);
const FOLDERS_OF_OURS = new Set([...AREAS.map((area) => area.split('/')[0]), 'test', 'scripts']);

export interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

const STATEMENT = /^\s*(?:import|export)\b(?<clause>[^'"`;]*?)\bfrom\s*['"](?<from>[^'"]+)['"]/gm;
const BARE = /^\s*import\s*['"](?<from>[^'"]+)['"]/gm;
const DYNAMIC = /\b(?:import|require)\(\s*['"](?<from>[^'"]+)['"]\s*\)/g;

export function importsOf(text: string): Import[] {
  const named = [...text.matchAll(STATEMENT)].map(({ groups }) => ({
    from: groups?.['from'] ?? '',
    typeOnly: isTypeOnly(groups?.['clause'] ?? ''),
  }));
  const others = [...text.matchAll(BARE), ...text.matchAll(DYNAMIC)].map(({ groups }) => ({
    from: groups?.['from'] ?? '',
    typeOnly: false,
  }));
  return [...named, ...others];
}

function isTypeOnly(clause: string): boolean {
  const words = clause.trim();
  if (/^type\b/.test(words)) return true;
  const names = /^\{(?<names>[^}]*)\}$/.exec(words)?.groups?.['names']?.split(',');
  return names !== undefined && names.filter((name) => name.trim() !== '').every((name) => /^\s*type\s/.test(name));
}

/** One line for each import that goes against an arrow. */
export function brokenArrows(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const area = areaOf(file.path);
    if (area === undefined) return [];
    return importsOf(file.text)
      .filter((each) => !isAllowed(area, file.path, each))
      .map((each) => `${file.path} imports ${each.from}, which ${area} may not`);
  });
}

function areaOf(file: string): string | undefined {
  return AREAS.filter((area) => within(area, file)).toSorted((a, b) => b.length - a.length)[0];
}

function within(area: string, file: string): boolean {
  return file.startsWith(`${area}/`) || (/^\.tsx?$/.test(file.slice(area.length)) && file.startsWith(area));
}

function isAllowed(area: string, file: string, { from, typeOnly }: Import): boolean {
  if (!from.startsWith('.')) return SANDBOX_PACKAGES[area]?.includes(from) ?? true;
  const target = path.posix.join(path.posix.dirname(file), from);
  if (!FOLDERS_OF_OURS.has(target.split('/')[0]?.replace(/\.tsx?$/, ''))) return true;
  if (areaOf(target) === area) return true;
  return (MAY_IMPORT[area] ?? []).some((entry) => {
    const allowed = entry.replace(/^type /, '');
    return (typeOnly || !entry.startsWith('type ')) && within(allowed, target);
  });
}
