// Turns a paragraph into clusters: the smallest pieces of text that are drawn as one, each with its
// glyphs placed. Chooses a face per grapheme, so that one name may mix any of the bundled scripts.
import bidiFactory from 'bidi-js/dist/bidi.mjs';
import * as hb from 'harfbuzzjs';
import { hanOrder } from './han-style.ts';
import { draws, findTypeface } from './typefaces.ts';
import type { Typeface, Weight } from './typefaces.ts';

export interface PlacedGlyph {
  readonly face: Typeface;
  readonly glyph: number;
  readonly x: number;
  readonly y: number;
}

/** Measures are in thousandths of the type size. */
export interface Cluster {
  readonly text: string;
  /** Where it begins in the paragraph, in UTF-16 units. */
  readonly start: number;
  /** Odd where the text runs from right to left. */
  readonly level: number;
  readonly advance: number;
  /** Null when no bundled font has the character: a box stands for it. */
  readonly glyphs: readonly PlacedGlyph[] | null;
}

export interface Paragraph {
  readonly text: string;
  readonly rightToLeft: boolean;
  /** In reading order. */
  readonly clusters: readonly Cluster[];
}

export interface ShapingOptions {
  readonly weight: Weight;
  /** The whole document's text: tells which country's Han characters it means. */
  readonly context: string;
}

interface Run {
  readonly face: Typeface | null;
  readonly level: number;
  readonly start: number;
  end: number;
}

export const BOX_ADVANCE = 600;

const bidi = bidiFactory();
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const BELONGS_TO_NO_SCRIPT = /^[\p{Script=Common}\p{Script=Inherited}]+$/u;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

export async function shape(raw: string, options: ShapingOptions): Promise<Paragraph> {
  const text = printable(raw);
  const { levels, paragraphs } = bidi.getEmbeddingLevels(text);
  const runs = await runsOf(text, levels, options);
  return {
    text,
    rightToLeft: ((paragraphs[0]?.level ?? 0) & 1) === 1,
    clusters: runs.flatMap((run) => (run.face ? shapeRun(text, run, run.face) : boxes(text, run))),
  };
}

const printable = (text: string): string =>
  text
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
    .replaceAll(/\s/gu, ' ')
    .replaceAll(/\p{Control}/gu, '');

async function runsOf(text: string, levels: Uint8Array, options: ShapingOptions): Promise<readonly Run[]> {
  const families = ['sans', 'arabic', 'hebrew', 'thai', ...hanOrder(text, options.context)] as const;
  const known = new Map<string, Typeface | null>();
  const runs: Run[] = [];
  for (const { segment, index } of graphemes.segment(text)) {
    const previous = runs.at(-1);
    let face = previous?.face && staysWith(previous.face, segment) ? previous.face : known.get(segment);
    if (face === undefined) {
      face = await faceFor(segment, families, options.weight);
      known.set(segment, face);
    }
    const level = levels[index] ?? 0;
    if (previous && previous.face === face && previous.level === level) previous.end = index + segment.length;
    else runs.push({ face, level, start: index, end: index + segment.length });
  }
  return runs;
}

/** Spaces, digits and punctuation keep the face of what stands before them, so that words stay whole. */
const staysWith = (face: Typeface, grapheme: string): boolean =>
  BELONGS_TO_NO_SCRIPT.test(grapheme) && draws(face, codePointsOf(grapheme));

async function faceFor(
  grapheme: string,
  families: readonly Parameters<typeof findTypeface>[0][],
  weight: Weight,
): Promise<Typeface | null> {
  const visible = grapheme.replaceAll(INVISIBLE, '') || ' ';
  for (const form of new Set([visible, visible.normalize('NFC'), visible.normalize('NFD')])) {
    for (const family of families) {
      const face = await findTypeface(family, codePointsOf(form), weight);
      if (face) return face;
    }
  }
  return null;
}

const codePointsOf = (text: string): readonly number[] =>
  Array.from(text, (character) => character.codePointAt(0) ?? 0);

function shapeRun(text: string, { start, end, level }: Run, face: Typeface): readonly Cluster[] {
  const buffer = new hb.Buffer();
  buffer.addText(text, start, end - start);
  buffer.guessSegmentProperties();
  buffer.setDirection(level & 1 ? hb.Direction.RTL : hb.Direction.LTR);
  hb.shape(face.font, buffer);
  const placed = placeGlyphs(buffer.getGlyphInfosAndPositions(), face);
  const starts = [...placed.keys()].toSorted((one, other) => one - other);
  return starts.map((from, index) => ({
    text: text.slice(from, starts[index + 1] ?? end),
    start: from,
    level,
    ...(placed.get(from) ?? { glyphs: [], advance: 0 }),
  }));
}

type Shaped = ReturnType<hb.Buffer['getGlyphInfosAndPositions']>;

/** Glyphs by the cluster they belong to, each placed from where its cluster begins. */
function placeGlyphs(shaped: Shaped, face: Typeface) {
  const placed = new Map<number, { glyphs: PlacedGlyph[]; advance: number }>();
  for (const { cluster, codepoint, xAdvance = 0, xOffset = 0, yOffset = 0 } of shaped) {
    const entry = placed.get(cluster) ?? { glyphs: [], advance: 0 };
    entry.glyphs.push({ face, glyph: codepoint, x: entry.advance + xOffset, y: yOffset });
    entry.advance += xAdvance;
    placed.set(cluster, entry);
  }
  return placed;
}

function boxes(text: string, { start, end, level }: Run): readonly Cluster[] {
  return Array.from(graphemes.segment(text.slice(start, end)), ({ segment, index }) => ({
    text: segment,
    start: start + index,
    level,
    advance: BOX_ADVANCE,
    glyphs: null,
  }));
}
