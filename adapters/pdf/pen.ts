// Puts text, rules and QR codes at a place on the page. Knows nothing of what a document is.
import { create } from 'qrcode';
import type { TextStyle } from './design.ts';
import { EmbeddedFont, hex } from './embedded-font.ts';
import { breakLines } from './lines.ts';
import type { Line, Segment } from './lines.ts';
import { shape } from './shaping.ts';
import type { Weight } from './typefaces.ts';

/** Text broken into lines and ready to be drawn. */
export interface Setting {
  readonly lines: readonly Line[];
  readonly style: TextStyle;
  readonly height: number;
  /** Of the widest line, in points. */
  readonly width: number;
  /** The text's own direction: prose in Arabic or Hebrew starts at the right edge. */
  readonly rightToLeft: boolean;
}

export class Pen {
  readonly document: PDFKit.PDFDocument;
  readonly #context: string;
  readonly #fonts: Readonly<Record<Weight, EmbeddedFont>>;

  constructor(document: PDFKit.PDFDocument, context: string) {
    this.document = document;
    this.#context = context;
    this.#fonts = { regular: new EmbeddedFont(document, 'regular'), bold: new EmbeddedFont(document, 'bold') };
  }

  /** Breaks `text` at `width` points; its own line feeds are kept. */
  async set(text: string, style: TextStyle, width = Infinity): Promise<Setting> {
    const lines: Line[] = [];
    let rightToLeft = false;
    for (const part of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
      const paragraph = await shape(part, { weight: style.weight, context: this.#context });
      rightToLeft ||= paragraph.rightToLeft;
      lines.push(...breakLines(paragraph, (width / style.size) * 1000));
    }
    const widest = Math.max(0, ...lines.map((line) => line.width));
    return { lines, style, rightToLeft, height: lines.length * style.leading, width: (widest / 1000) * style.size };
  }

  /** Draws one line with its left end at `x` and its top at `y`. */
  line(line: Line, style: TextStyle, at: { x: number; y: number }): void {
    const font = this.#fonts[style.weight];
    this.document.page.fonts[font.name] = font.reference;
    this.document.fillColor(style.colour);
    const baseline = at.y + style.leading / 2 + style.size * 0.36;
    for (const segment of line.segments) {
      const x = at.x + (segment.x / 1000) * style.size;
      this.document.addContent(
        `BT /${font.name} ${style.size} Tf 1 0 0 -1 ${decimal(x)} ${decimal(baseline)} Tm [${showing(segment, font)}] TJ ET`,
      );
    }
  }

  block(setting: Setting, at: { x: number; y: number }): void {
    for (const [index, line] of setting.lines.entries()) {
      this.line(line, setting.style, { x: at.x, y: at.y + index * setting.style.leading });
    }
  }

  blockRight(setting: Setting, at: { right: number; y: number }): void {
    for (const [index, line] of setting.lines.entries()) {
      const x = at.right - lineWidth(line, setting.style);
      this.line(line, setting.style, { x, y: at.y + index * setting.style.leading });
    }
  }

  blockCentred(setting: Setting, at: { centre: number; y: number }): void {
    for (const [index, line] of setting.lines.entries()) {
      const x = at.centre - lineWidth(line, setting.style) / 2;
      this.line(line, setting.style, { x, y: at.y + index * setting.style.leading });
    }
  }

  rule(at: { x: number; y: number; width: number; colour: string; thickness?: number }): void {
    const thickness = at.thickness ?? 0.6;
    this.document.rect(at.x, at.y - thickness / 2, at.width, thickness).fill(at.colour);
  }

  panel(at: { x: number; y: number; width: number; height: number; colour: string }): void {
    this.document.roundedRect(at.x, at.y, at.width, at.height, 6).fill(at.colour);
  }

  /** False when the text is too long for any QR code. */
  qr(text: string, at: { x: number; y: number; size: number; colour: string }): boolean {
    const modules = modulesOf(text);
    if (!modules) return false;
    const step = at.size / modules.size;
    for (let row = 0; row < modules.size; row += 1) {
      for (const [from, length] of darkStretches(modules.data.subarray(row * modules.size, (row + 1) * modules.size))) {
        this.document.rect(at.x + from * step, at.y + row * step, length * step, step);
      }
    }
    this.document.fill(at.colour);
    return true;
  }

  embedFonts(): void {
    for (const font of Object.values(this.#fonts)) font.embed();
  }
}

export const lineWidth = (line: Line, style: TextStyle): number => (line.width / 1000) * style.size;

/** Glyphs of one segment for PDF's TJ, with the steps between them where kerning differs from the font's widths. */
function showing({ clusters }: Segment, font: EmbeddedFont): string {
  let shown = '';
  for (const cluster of clusters) {
    const characters = font.encode(cluster);
    const taken = characters.reduce((sum, { advance }) => sum + advance, 0);
    const surplus = Math.round(taken - cluster.advance);
    shown += `<${characters.map(({ id }) => hex(id)).join('')}>${surplus === 0 ? '' : surplus}`;
  }
  return shown.replaceAll('><', '');
}

const decimal = (value: number): string => String(Math.round(value * 1000) / 1000);

function modulesOf(text: string) {
  try {
    return create(text, { errorCorrectionLevel: 'M' }).modules;
  } catch {
    return undefined;
  }
}

/** [first, length] of each stretch of dark modules in a row. */
function darkStretches(row: Uint8Array): readonly (readonly [number, number])[] {
  const stretches: [number, number][] = [];
  for (const [index, dark] of row.entries()) {
    if (!dark) continue;
    const last = stretches.at(-1);
    if (last && last[0] + last[1] === index) last[1] += 1;
    else stretches.push([index, 1]);
  }
  return stretches;
}
