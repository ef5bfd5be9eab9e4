// Writes the smallest TrueType font a PDF reader accepts: outlines and widths, no names, no character map.
import { UNITS_PER_EM } from './typefaces.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly onCurve: boolean;
}

export interface Outline {
  readonly contours: readonly (readonly Point[])[];
  readonly advance: number;
}

export interface FontBox {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

export const ASCENT = 1069;
export const DESCENT = -293;

const ON_CURVE = 0x01;
const X_IS_BYTE = 0x02;
const Y_IS_BYTE = 0x04;
const X_SAME_OR_POSITIVE = 0x10;
const Y_SAME_OR_POSITIVE = 0x20;
const OVERLAPS = 0x40;

/** The first outline is what a reader shows for a glyph it cannot find. */
export function writeTrueType(outlines: readonly Outline[]): Buffer {
  const glyphs = outlines.map(({ contours }) => glyphData(contours));
  const box = boxOf(outlines.flatMap(({ contours }) => contours.flat()));
  return assemble({
    glyf: Buffer.concat(glyphs),
    head: headTable(box),
    hhea: hheaTable(outlines),
    hmtx: Buffer.concat(outlines.map(({ advance, contours }) => shorts(advance, boxOf(contours.flat()).xMin))),
    loca: locaTable(glyphs),
    maxp: maxpTable(outlines),
  });
}

export function boxOf(points: readonly Point[]): FontBox {
  if (points.length === 0) return { xMin: 0, yMin: 0, xMax: 0, yMax: 0 };
  const box = { xMin: Infinity, yMin: Infinity, xMax: -Infinity, yMax: -Infinity };
  for (const { x, y } of points) {
    box.xMin = Math.min(box.xMin, x);
    box.yMin = Math.min(box.yMin, y);
    box.xMax = Math.max(box.xMax, x);
    box.yMax = Math.max(box.yMax, y);
  }
  return box;
}

function glyphData(contours: readonly (readonly Point[])[]): Buffer {
  const points = contours.flat();
  if (points.length === 0) return Buffer.alloc(0);
  const { xMin, yMin, xMax, yMax } = boxOf(points);
  const ends: number[] = [];
  for (const contour of contours) ends.push((ends.at(-1) ?? -1) + contour.length);
  const header = shorts(contours.length, xMin, yMin, xMax, yMax, ...ends, 0);
  return padded(Buffer.concat([header, ...coordinates(points)]));
}

/** Flags, then all x, then all y, each as the step from the point before and in one byte where it fits. */
function coordinates(points: readonly Point[]): readonly Buffer[] {
  const flags: number[] = [];
  const xs: Buffer[] = [];
  const ys: Buffer[] = [];
  let before = { x: 0, y: 0 };
  for (const { x, y, onCurve } of points) {
    const across = step(x - before.x, X_IS_BYTE, X_SAME_OR_POSITIVE);
    const up = step(y - before.y, Y_IS_BYTE, Y_SAME_OR_POSITIVE);
    flags.push((onCurve ? ON_CURVE : 0) | across.flag | up.flag | (flags.length === 0 ? OVERLAPS : 0));
    xs.push(across.bytes);
    ys.push(up.bytes);
    before = { x, y };
  }
  return [Buffer.from(flags), ...xs, ...ys];
}

function step(delta: number, isByte: number, sameOrPositive: number): { flag: number; bytes: Buffer } {
  if (delta === 0) return { flag: sameOrPositive, bytes: Buffer.alloc(0) };
  if (Math.abs(delta) > 255) return { flag: 0, bytes: shorts(delta) };
  return { flag: isByte | (delta > 0 ? sameOrPositive : 0), bytes: Buffer.of(Math.abs(delta)) };
}

function headTable(box: FontBox): Buffer {
  const table = Buffer.alloc(54);
  table.writeUInt32BE(0x00010000, 0);
  table.writeUInt32BE(0x00010000, 4);
  table.writeUInt32BE(0x5f0f3cf5, 12);
  table.writeUInt16BE(0b1011, 16);
  table.writeUInt16BE(UNITS_PER_EM, 18);
  shorts(box.xMin, box.yMin, box.xMax, box.yMax).copy(table, 36);
  // Direction hint 2 and long offsets; both dates stay zero, so that the bytes depend on the text alone.
  shorts(0, 8, 2, 1, 0).copy(table, 44);
  return table;
}

function hheaTable(outlines: readonly Outline[]): Buffer {
  const table = Buffer.alloc(36);
  table.writeUInt32BE(0x00010000, 0);
  shorts(ASCENT, DESCENT, 0, Math.max(...outlines.map(({ advance }) => advance))).copy(table, 4);
  table.writeInt16BE(1, 18);
  table.writeUInt16BE(outlines.length, 34);
  return table;
}

function maxpTable(outlines: readonly Outline[]): Buffer {
  const table = Buffer.alloc(32);
  table.writeUInt32BE(0x00010000, 0);
  table.writeUInt16BE(outlines.length, 4);
  table.writeUInt16BE(Math.max(...outlines.map(({ contours }) => contours.flat().length)), 6);
  table.writeUInt16BE(Math.max(...outlines.map(({ contours }) => contours.length)), 8);
  table.writeUInt16BE(2, 14);
  return table;
}

function locaTable(glyphs: readonly Buffer[]): Buffer {
  const table = Buffer.alloc((glyphs.length + 1) * 4);
  let offset = 0;
  for (const [index, glyph] of glyphs.entries()) {
    offset += glyph.length;
    table.writeUInt32BE(offset, (index + 1) * 4);
  }
  return table;
}

function assemble(tables: Readonly<Record<string, Buffer>>): Buffer {
  const entries = Object.entries(tables);
  const directory = Buffer.alloc(12 + entries.length * 16);
  const entrySelector = Math.floor(Math.log2(entries.length));
  directory.writeUInt32BE(0x00010000, 0);
  shorts(entries.length, 2 ** entrySelector * 16, entrySelector, (entries.length - 2 ** entrySelector) * 16).copy(
    directory,
    4,
  );
  let offset = directory.length;
  for (const [index, [tag, table]] of entries.entries()) {
    const at = 12 + index * 16;
    directory.write(tag, at, 'latin1');
    directory.writeUInt32BE(checksum(padded(table)), at + 4);
    directory.writeUInt32BE(offset, at + 8);
    directory.writeUInt32BE(table.length, at + 12);
    offset += padded(table).length;
  }
  return Buffer.concat([directory, ...entries.map(([, table]) => padded(table))]);
}

function checksum(table: Buffer): number {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4) sum = (sum + table.readUInt32BE(at)) >>> 0;
  return sum;
}

function padded(bytes: Buffer): Buffer {
  const surplus = bytes.length % 4;
  return surplus === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(4 - surplus)]);
}

function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, index * 2);
  return bytes;
}
