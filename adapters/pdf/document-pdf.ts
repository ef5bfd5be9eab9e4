// Draws a document's content as an A4 PDF. The same content always gives the same bytes.
import PDFDocument from 'pdfkit';
import type { DocumentContent } from '../../domain/documents.ts';
import { drawFactsAndCodes, drawHead, drawHeadline, drawSections } from './blocks.ts';
import { BODY_BOTTOM, BODY_WIDTH, COLOUR, PAGE, RIGHT_EDGE, STYLE } from './design.ts';
import { Flow } from './flow.ts';
import { Pen } from './pen.ts';
import { drawTable } from './tables.ts';

export async function drawDocument(content: DocumentContent): Promise<Uint8Array> {
  const document = newDocument(content);
  const bytes = collect(document);
  const pen = new Pen(document, contextOf(content));
  const runningHead = `${content.brand} · ${content.title} · ${content.reference.label} ${content.reference.value}`;
  const flow = new Flow(pen, await pen.set(runningHead, STYLE.title, BODY_WIDTH));
  await drawHead(flow, content);
  await drawHeadline(flow, content);
  await drawFactsAndCodes(flow, content);
  for (const table of content.tables) await drawTable(flow, table);
  await drawSections(flow, content.sections);
  await drawFooters(pen, content.footers);
  pen.embedFonts();
  document.end();
  return bytes;
}

function newDocument(content: DocumentContent): PDFKit.PDFDocument {
  return new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `${content.title}: ${content.headline} (${content.reference.value})`,
      Author: content.brand,
      Creator: 'Holdfast',
      Producer: 'Holdfast',
      CreationDate: new Date(content.createdAt),
      ModDate: new Date(content.createdAt),
    },
  });
}

function collect(document: PDFKit.PDFDocument): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    document.on('error', reject);
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}

const contextOf = ({ headline, subheadline, facts, tables, sections }: DocumentContent): string =>
  [
    headline,
    subheadline ?? '',
    ...facts.map(({ value }) => value),
    ...tables.flatMap(({ rows }) => rows.flat()),
    ...sections.flatMap(({ paragraphs }) => paragraphs),
  ].join('\n');

async function drawFooters(pen: Pen, footers: readonly string[]): Promise<void> {
  const { count } = pen.document.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    pen.document.switchToPage(index);
    let y = BODY_BOTTOM + 20;
    pen.rule({ x: PAGE.margin, y: y - 8, width: BODY_WIDTH, colour: COLOUR.rule });
    const page = await pen.set(`Page ${index + 1} of ${count}`, STYLE.footer);
    pen.blockRight(page, { right: RIGHT_EDGE, y });
    for (const footer of footers) {
      const setting = await pen.set(footer, STYLE.footer, BODY_WIDTH - page.width - 24);
      pen.block(setting, { x: PAGE.margin, y });
      y += setting.height;
    }
  }
}
