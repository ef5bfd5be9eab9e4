// One font per weight and document, put together from whatever faces its text needs. Its
// characters carry the letters they stand for, so that copying text out gives back what was written.
import { ASCENT, boxOf, DESCENT, writeTrueType } from './truetype.ts';
import type { Outline, Point } from './truetype.ts';
import { BOX_ADVANCE } from './shaping.ts';
import type { Cluster, PlacedGlyph } from './shaping.ts';
import { UNITS_PER_EM } from './typefaces.ts';
import type { Weight } from './typefaces.ts';

interface Character extends Outline {
  readonly text: string;
}

export interface Encoded {
  readonly id: number;
  /** What the font says it takes, in thousandths of the type size; the rest is for the page to adjust. */
  readonly advance: number;
}

export class EmbeddedFont {
  readonly name: string;
  readonly reference: PDFKit.PDFKitReference;
  readonly #document: PDFKit.PDFDocument;
  readonly #weight: Weight;
  readonly #ids = new Map<string, readonly Encoded[]>();
  readonly #characters: Character[] = [{ contours: boxContours(), advance: BOX_ADVANCE, text: '\uFFFD' }];

  constructor(document: PDFKit.PDFDocument, weight: Weight) {
    this.#document = document;
    this.#weight = weight;
    this.name = weight === 'bold' ? 'FB' : 'FR';
    this.reference = document.ref({ Type: 'Font', Subtype: 'Type0' });
  }

  encode(cluster: Cluster): readonly Encoded[] {
    const key = keyOf(cluster);
    const known = this.#ids.get(key);
    if (known) return known;
    const encoded = charactersOf(cluster).map((character) => this.#add(character));
    this.#ids.set(key, encoded);
    return encoded;
  }

  #add(character: Character): Encoded {
    this.#characters.push(character);
    return { id: this.#characters.length - 1, advance: character.advance };
  }

  embed(): void {
    const postScriptName = `HOLDFA+NotoSans-${this.#weight === 'bold' ? 'Bold' : 'Regular'}`;
    const descendant = this.#document.ref({
      Type: 'Font',
      Subtype: 'CIDFontType2',
      BaseFont: postScriptName,
      CIDSystemInfo: { Registry: new String('Adobe'), Ordering: new String('Identity'), Supplement: 0 },
      FontDescriptor: this.#descriptor(postScriptName),
      W: [0, this.#characters.map(({ advance }) => advance)],
      DW: UNITS_PER_EM,
      CIDToGIDMap: 'Identity',
    });
    descendant.end(undefined);
    Object.assign(this.reference.data, {
      BaseFont: postScriptName,
      Encoding: 'Identity-H',
      DescendantFonts: [descendant],
      ToUnicode: this.#stream({}, Buffer.from(toUnicodeMap(this.#characters), 'latin1')),
    });
    this.reference.end(undefined);
  }

  #descriptor(postScriptName: string): PDFKit.PDFKitReference {
    const file = writeTrueType(this.#characters);
    const { xMin, yMin, xMax, yMax } = boxOf(this.#characters.flatMap(({ contours }) => contours.flat()));
    const descriptor = this.#document.ref({
      Type: 'FontDescriptor',
      FontName: postScriptName,
      Flags: 4,
      FontBBox: [xMin, yMin, xMax, yMax],
      ItalicAngle: 0,
      Ascent: ASCENT,
      Descent: DESCENT,
      CapHeight: 714,
      StemV: this.#weight === 'bold' ? 140 : 80,
      FontFile2: this.#stream({ Length1: file.length }, file),
    });
    descriptor.end(undefined);
    return descriptor;
  }

  #stream(dictionary: object, content: Buffer): PDFKit.PDFKitReference {
    const stream = this.#document.ref(dictionary);
    stream.end(content);
    return stream;
  }
}

const MARK = /\p{Mn}/u;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A cluster is drawn whole, by its first character, yet each of its letters gets a character of its own:
 * readers turn right-to-left text around letter by letter and give marks no width.
 */
function charactersOf({ text, level, glyphs, advance }: Cluster): readonly Character[] {
  const contours = glyphs ? glyphs.flatMap(contoursOf) : boxContours();
  const letters = Array.from(text.replaceAll(INVISIBLE, ''));
  const wide = letters.filter((letter) => !MARK.test(letter)).length;
  const share = Math.floor(advance / (wide || letters.length));
  const inDrawingOrder = level % 2 === 0 ? letters : letters.toReversed();
  return inDrawingOrder.map((letter, index) => ({
    text: letter,
    advance: wide > 0 && MARK.test(letter) ? 0 : share,
    contours: index === 0 ? contours : [],
  }));
}

function keyOf({ text, level, glyphs }: Cluster): string {
  const drawn = glyphs?.map(({ face, glyph, x, y }) => `${face.id}#${glyph}@${x},${y}`) ?? ['box'];
  return [level % 2, text, ...drawn].join('|');
}

function contoursOf({ face, glyph, x, y }: PlacedGlyph): readonly (readonly Point[])[] {
  const contours: Point[][] = [];
  const point = (px = 0, py = 0, onCurve = true): Point => ({ x: Math.round(px + x), y: Math.round(py + y), onCurve });
  for (const { type, values } of face.font.glyphToJson(glyph)) {
    const [x1, y1, x2, y2] = values;
    const contour = contours.at(-1);
    if (type === 'M') contours.push([point(x1, y1)]);
    else if (type === 'L') contour?.push(point(x1, y1));
    else if (type === 'Q') contour?.push(point(x1, y1, false), point(x2, y2));
    else if (type !== 'Z')
      throw new Error(`${face.id} draws glyph ${glyph} with "${type}", which TrueType does not have`);
  }
  return contours.map(withoutRepeatedEnd).filter((contour) => contour.length > 2);
}

/** A contour closes by itself: its last point is dropped when it is the first one again. */
function withoutRepeatedEnd(contour: readonly Point[]): readonly Point[] {
  const [first] = contour;
  const last = contour.at(-1);
  const repeats = contour.length > 1 && last?.onCurve && first?.x === last.x && first.y === last.y;
  return repeats ? contour.slice(0, -1) : contour;
}

function boxContours(): readonly (readonly Point[])[] {
  const corner = (x: number, y: number): Point => ({ x, y, onCurve: true });
  return [
    [corner(60, 0), corner(60, 714), corner(540, 714), corner(540, 0)],
    [corner(110, 50), corner(490, 50), corner(490, 664), corner(110, 664)],
  ];
}

function toUnicodeMap(characters: readonly Character[]): string {
  const lines = characters.map(({ text }, id) => `<${hex(id)}> <${utf16(text)}>`);
  const blocks: string[] = [];
  // The format allows a hundred entries in a block.
  for (let at = 0; at < lines.length; at += 100) {
    const block = lines.slice(at, at + 100);
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  }
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}

export const hex = (id: number): string => id.toString(16).padStart(4, '0');

const utf16 = (text: string): string =>
  Array.from({ length: text.length }, (_, index) => hex(text.charCodeAt(index))).join('');
