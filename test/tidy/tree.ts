// Reads the repository's own text once, for the checks on its shape.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const CODE = /\.(ts|tsx|mjs)$/;

/** All code under a folder, or the file itself. */
export function readCode(place: string): SourceFile[] {
  return listFiles(place)
    .filter((file) => CODE.test(file))
    .map(readFile);
}

export function readDocs(): SourceFile[] {
  const top = ['README.md', 'AGENTS.md'].filter((file) => existsSync(path.join(ROOT, file)));
  return [...top, ...listFiles('docs').filter((file) => file.endsWith('.md'))].map(readFile);
}

function readFile(file: string): SourceFile {
  return { path: file, text: readFileSync(path.join(ROOT, file), 'utf8') };
}

function listFiles(place: string): string[] {
  const full = path.join(ROOT, place);
  if (!existsSync(full)) return [];
  if (CODE.test(place)) return [place];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .toSorted();
}
