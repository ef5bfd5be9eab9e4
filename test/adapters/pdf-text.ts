// Reads a PDF the way a viewer does when text is selected and copied.
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs';

export interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly baseline: number;
  readonly size: number;
}

export interface PdfPage {
  readonly text: string;
  readonly boxes: readonly TextBox[];
}

interface Item {
  str: string;
  hasEOL: boolean;
  transform: number[];
  width: number;
}

export async function pagesOf(pdf: Uint8Array): Promise<readonly PdfPage[]> {
  const document = await getDocument({ data: pdf.slice(), verbosity: VerbosityLevel.ERRORS }).promise;
  const pages: PdfPage[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    // As it stands in the file: normalising would hide a wrong mapping.
    const { items } = await page.getTextContent({ disableNormalization: true });
    pages.push(pageOf(items.filter((item) => 'str' in item)));
  }
  await document.destroy();
  return pages;
}

function pageOf(items: readonly Item[]): PdfPage {
  return {
    text: items.map(({ str, hasEOL }) => (hasEOL ? `${str}\n` : str)).join(''),
    boxes: items.filter(({ str }) => str.trim() !== '').map(boxOf),
  };
}

function boxOf({ str, transform, width }: Item): TextBox {
  const [size = 0, , , , left = 0, baseline = 0] = transform;
  return { text: str, left, right: left + width, baseline, size };
}

export const textOf = async (pdf: Uint8Array): Promise<string> =>
  (await pagesOf(pdf)).map(({ text }) => text).join('\n');
