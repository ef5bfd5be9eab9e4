import { describe, expect, it, vi } from 'vitest';
import { drawDocument } from '../../adapters/pdf/document-pdf.ts';
import { contentOf } from '../../domain/document-content.ts';
import type { TravelDocument } from '../../domain/documents.ts';
import { pagesOf, textOf } from './pdf-text.ts';
import type { TextBox } from './pdf-text.ts';
import { CROWDED_VOUCHER, RECEIPT, REFUNDED_RECEIPT, VOUCHER } from './sample-documents.ts';

// The first documents open the font files.
vi.setConfig({ testTimeout: 20_000 });

const draw = (document: TravelDocument) => drawDocument(contentOf(document));
const drawNamed = (name: string) => draw({ ...VOUCHER, leadTraveller: name, travellers: [] });

describe('text of a document', () => {
  it.each([
    ['Latin', 'Zoë Čapek-Łukasiewicz, office of Dr. Ffion'],
    ['Vietnamese', 'Nguyễn Thị Thuỳ Dương'],
    ['Vietnamese with separate marks', 'Nguyễn Thị Thuỳ Dương'.normalize('NFD')],
    ['Greek', 'Αλεξάνδρα Παπαδοπούλου'],
    ['Cyrillic', 'Екатерина Щербакова, Ґанна'],
    ['Arabic', 'محمد بن عبد الرحمن الأنصاري'],
    ['Arabic with ligatures and vowel signs', 'الآنسة مُحَمَّد لا إله'],
    ['Hebrew', 'שרה כהן בְּרֵאשִׁית'],
    ['simplified Chinese', '张伟（领队）与欧阳小龙'],
    ['traditional Chinese', '陳怡君與黃國華'],
    ['Japanese', 'さくら・渡邉とワタナベ'],
    ['Korean', '김민준 각힣'],
    ['Thai', 'น้ำฝน ศรีสุวรรณ ก็เค้กน้ำแข็ง'],
    ['Devanagari', 'प्रिया शर्मा'],
    ['several scripts', '王小明 / Ivan Петров / Ελένη'],
    ['a rare character outside the basic plane', '𠮷野家'],
  ])('comes back from the PDF as it was written: %s', async (_, name) => {
    expect(await textOf(await drawNamed(name))).toContain(name);
  });

  it('keeps every word of a line that mixes directions', async () => {
    const text = await textOf(await drawNamed('محمد (12) Smith 34 علي'));
    for (const word of ['محمد', '12', 'Smith', '34', 'علي']) expect(text).toContain(word);
  });

  it('draws a box for what no font has, and still gives the character back', async () => {
    expect(await textOf(await drawNamed('Ann 😀 𐎀 Lee'))).toContain('Ann 😀 𐎀 Lee');
  });

  it.each([
    ['a lone surrogate', 'Ann \uD800 Lee', 'Ann \uFFFD Lee'],
    ['control characters', 'Ann\u0000\u001B Lee', 'Ann Lee'],
    ['a tab', 'Ann\tLee', 'Ann Lee'],
  ])('survives %s', async (_, name, shown) => {
    expect(await textOf(await drawNamed(name))).toContain(shown);
  });

  it('cannot break out of the PDF syntax', async () => {
    const name = String.raw`Ann) Tj ET endstream endobj (\) <</Type/Page>>`;
    const [page, ...others] = await pagesOf(await drawNamed(name));
    expect(page?.text.replaceAll('\n', ' ')).toContain(name);
    expect(others).toEqual([]);
  });
});

describe('pages of a document', () => {
  it.each([
    ['voucher', VOUCHER],
    ['receipt', RECEIPT],
    ['receipt with refunds', REFUNDED_RECEIPT],
  ])('an everyday %s is one page', async (_, document) => {
    expect(await pagesOf(await draw(document))).toHaveLength(1);
  });

  it('a long voucher flows on, with booking number and page number on every page', async () => {
    const pages = await pagesOf(await draw(CROWDED_VOUCHER));
    expect(pages.length).toBeGreaterThan(1);
    for (const [index, { text }] of pages.entries()) {
      expect(text).toContain(CROWDED_VOUCHER.bookingNumber);
      expect(text).toContain(`Page ${index + 1} of ${pages.length}`);
    }
  });

  it('shows all of a text longer than a page', async () => {
    const policy = Array.from({ length: 400 }, (_, index) => `clause ${index} of many more to come`).join(', ');
    const text = await textOf(await draw({ ...VOUCHER, terms: [policy] }));
    const unbroken = text.replaceAll('\n', ' ');
    for (let index = 0; index < 400; index += 1) expect(unbroken).toContain(`clause ${index} `);
  });

  it.each([
    ['crowded voucher', CROWDED_VOUCHER],
    ['voucher with an endless unbroken name', { ...VOUCHER, leadTraveller: 'Wolfeschlegel'.repeat(12) }],
    ['voucher with an endless code', { ...VOUCHER, codes: [{ code: 'X9'.repeat(60), description: 'Admits 1' }] }],
    ['receipt with refunds', REFUNDED_RECEIPT],
  ])('nothing overlaps or leaves the page: %s', async (_, document) => {
    for (const { boxes } of await pagesOf(await draw(document))) {
      expect(boxes.filter(({ left, right }) => left < 49 || right > 547)).toEqual([]);
      expect(boxes.flatMap((box, index) => boxes.slice(index + 1).filter((other) => overlap(box, other)))).toEqual([]);
    }
  });

  it('sets amounts flush right', async () => {
    const [page] = await pagesOf(await draw(REFUNDED_RECEIPT));
    const edges = page?.boxes
      .filter(({ text }) => /HKD [\d,]+\.\d\d$/.test(text))
      .map(({ right }) => Math.round(right));
    expect(edges?.length).toBeGreaterThanOrEqual(6);
    expect(new Set(edges).size).toBe(1);
  });
});

/** Letters reach about 0.7 of their size above the baseline and 0.2 below. */
function overlap(a: TextBox, b: TextBox): boolean {
  const apart = a.right <= b.left + 0.5 || b.right <= a.left + 0.5;
  const stacked =
    a.baseline + a.size * 0.7 <= b.baseline - b.size * 0.2 || b.baseline + b.size * 0.7 <= a.baseline - a.size * 0.2;
  return !apart && !stacked;
}

describe('the file', () => {
  it('has the same bytes whenever the same document is drawn', async () => {
    const first = await draw(CROWDED_VOUCHER);
    await draw(RECEIPT);
    expect(Buffer.compare(await draw(CROWDED_VOUCHER), first)).toBe(0);
  });

  it('differs when the document differs', async () => {
    expect(
      Buffer.compare(await draw(VOUCHER), await draw({ ...VOUCHER, issuedAt: '2026-03-01T08:15:01.000Z' })),
    ).not.toBe(0);
  });

  it.each([
    ['voucher', VOUCHER, 30],
    ['voucher in every script', CROWDED_VOUCHER, 100],
  ])('stays small: %s', async (_, document, kilobytes) => {
    expect((await draw(document)).byteLength).toBeLessThan(kilobytes * 1000);
  });

  it('prints no code of a void voucher', async () => {
    const text = await textOf(await draw({ ...VOUCHER, status: 'void' }));
    expect(text).toContain('VOID');
    expect(text).not.toContain('PT428-7719-2203');
  });
});
