// Where the bundled fonts lie and which file holds a character: the packages cut each family into
// files of a few dozen kilobytes and list what is in each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export interface FontFile {
  readonly path: string;
  readonly ranges: readonly (readonly [number, number])[];
}

const require = createRequire(import.meta.url);

/** What each package says is in its files; spelled out, so that tools see which packages are used. */
const lists = {
  sans: () => require.resolve('@fontsource-variable/noto-sans/unicode.json'),
  arabic: () => require.resolve('@fontsource-variable/noto-sans-arabic/unicode.json'),
  hebrew: () => require.resolve('@fontsource-variable/noto-sans-hebrew/unicode.json'),
  thai: () => require.resolve('@fontsource-variable/noto-sans-thai/unicode.json'),
  sc: () => require.resolve('@fontsource-variable/noto-sans-sc/unicode.json'),
  tc: () => require.resolve('@fontsource-variable/noto-sans-tc/unicode.json'),
  jp: () => require.resolve('@fontsource-variable/noto-sans-jp/unicode.json'),
  kr: () => require.resolve('@fontsource-variable/noto-sans-kr/unicode.json'),
};
export type Family = keyof typeof lists;

const catalogue = new Map<Family, readonly FontFile[]>();

export function filesOf(family: Family): readonly FontFile[] {
  const known = catalogue.get(family);
  if (known) return known;
  const files = readFamily(lists[family]());
  catalogue.set(family, files);
  return files;
}

function readFamily(list: string): readonly FontFile[] {
  const folder = dirname(list);
  return unicodeList(list).map(([slice, ranges]) => ({
    path: join(folder, 'files', `${basename(folder)}-${slice.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`),
    ranges: ranges.split(',').map(rangeOf),
  }));
}

/** Checked by hand: loading a schema library would double the time the thread takes to start. */
function unicodeList(path: string): readonly (readonly [string, string])[] {
  const list: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return Object.entries(list ?? {}).map(([slice, ranges]) => {
    if (typeof ranges !== 'string') throw new Error(`${path} has no ranges for ${slice}`);
    return [slice, ranges];
  });
}

/** Reads "U+0460-052F" or "U+20B4". */
function rangeOf(text: string): readonly [number, number] {
  const [from = '', to = from] = text.trim().replace(/^U\+/i, '').split('-');
  return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
}

export const holds = ({ ranges }: FontFile, codePoint: number): boolean =>
  ranges.some(([from, to]) => codePoint >= from && codePoint <= to);
