// Opens font files on demand and keeps the ones in use; a face knows its glyphs, advances and outlines.
import { readFile } from 'node:fs/promises';
import * as hb from 'harfbuzzjs';
import decompress from 'wawoff2/decompress.js';
import { filesOf, holds } from './font-files.ts';
import type { Family, FontFile } from './font-files.ts';

export const WEIGHTS = { regular: 400, bold: 700 } as const;
export type Weight = keyof typeof WEIGHTS;

/** Every bundled family is drawn on this grid, which is also the one PDF measures text in. */
export const UNITS_PER_EM = 1000;

export interface Typeface {
  readonly id: string;
  readonly font: hb.Font;
}

interface OpenFile {
  readonly file: FontFile;
  readonly faces: Readonly<Record<Weight, Typeface>>;
}

// A page of Chinese touches some 30 files of about 100 KB; several such documents fit.
const KEPT_FILES = 120;
const open = new Map<string, Promise<OpenFile>>();

/** The face of this family that draws all of these characters, if there is one. */
export async function findTypeface(
  family: Family,
  codePoints: readonly number[],
  weight: Weight,
): Promise<Typeface | undefined> {
  const [first] = codePoints;
  if (first === undefined) return undefined;
  for (const file of filesOf(family)) {
    if (!holds(file, first)) continue;
    const { faces } = await opened(file);
    const face = faces[weight];
    if (draws(face, codePoints)) return face;
  }
  return undefined;
}

export const draws = ({ font }: Typeface, codePoints: readonly number[]): boolean =>
  codePoints.every((codePoint) => (font.nominalGlyph(codePoint) ?? 0) !== 0);

function opened(file: FontFile): Promise<OpenFile> {
  const kept = open.get(file.path);
  const entry = kept ?? openFile(file);
  // Re-inserting moves it to the end, so that the first key is the one unused for longest.
  open.delete(file.path);
  open.set(file.path, entry);
  if (!kept) dropOldest();
  return entry;
}

function dropOldest(): void {
  const [oldest] = open.keys();
  if (open.size > KEPT_FILES && oldest !== undefined) open.delete(oldest);
}

async function openFile(file: FontFile): Promise<OpenFile> {
  const sfnt = await decompress(await readFile(file.path));
  const face = new hb.Face(new hb.Blob(sfnt));
  if (face.upem !== UNITS_PER_EM) throw new Error(`${file.path} is drawn on a grid of ${face.upem}`);
  return { file, faces: { regular: atWeight(face, file, 'regular'), bold: atWeight(face, file, 'bold') } };
}

function atWeight(face: hb.Face, file: FontFile, weight: Weight): Typeface {
  const font = new hb.Font(face);
  font.setVariations([new hb.Variation('wght', WEIGHTS[weight])]);
  return { id: `${file.path}@${weight}`, font };
}
