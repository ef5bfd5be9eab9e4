// The parts a document is made of, each drawn at the flow's cursor.
import type { DocumentContent, DocumentFact } from '../../domain/documents.ts';
import { BODY_WIDTH, COLOUR, PAGE, RIGHT_EDGE, STYLE } from './design.ts';
import type { Flow } from './flow.ts';
import type { Setting } from './pen.ts';

const GAP = 18;

export async function drawHead(flow: Flow, content: DocumentContent): Promise<void> {
  const { pen } = flow;
  const half = BODY_WIDTH / 2 - GAP;
  const brand = await pen.set(content.brand, STYLE.brand, half);
  const title = await pen.set(content.title, STYLE.title, half);
  const reference = await pen.set(`${content.reference.label} ${content.reference.value}`, STYLE.reference, half);
  pen.block(brand, { x: PAGE.margin, y: flow.y });
  pen.blockRight(title, { right: RIGHT_EDGE, y: flow.y - 4 });
  pen.blockRight(reference, { right: RIGHT_EDGE, y: flow.y - 4 + title.height });
  flow.space(Math.max(brand.height, title.height + reference.height) + 14);
  if (content.stamp) await drawStamp(flow, content.stamp);
  pen.rule({ x: PAGE.margin, y: flow.y, width: BODY_WIDTH, colour: COLOUR.rule });
  flow.space(GAP);
}

async function drawStamp(flow: Flow, text: string): Promise<void> {
  const stamp = await flow.pen.set(text, STYLE.stamp, BODY_WIDTH - 24);
  flow.pen.panel({ x: PAGE.margin, y: flow.y, width: BODY_WIDTH, height: stamp.height + 10, colour: COLOUR.alarm });
  flow.pen.block(stamp, { x: PAGE.margin + 12, y: flow.y + 5 });
  flow.space(stamp.height + 10 + GAP);
}

export async function drawHeadline(flow: Flow, { headline, subheadline }: DocumentContent): Promise<void> {
  const large = await flow.pen.set(headline, STYLE.headline, BODY_WIDTH);
  const setting = large.lines.length > 2 ? await flow.pen.set(headline, STYLE.longHeadline, BODY_WIDTH) : large;
  flow.block(setting, { x: PAGE.margin });
  if (subheadline) flow.block(await flow.pen.set(subheadline, STYLE.subheadline, BODY_WIDTH), { x: PAGE.margin });
  flow.space(GAP - 2);
}

const PANEL_WIDTH = 184;

/** One code stands beside the facts, where an eye at the gate looks first; several get rows of their own. */
export async function drawFactsAndCodes(flow: Flow, { facts, codes }: DocumentContent): Promise<void> {
  const [only] = codes;
  if (only && codes.length === 1) {
    const panel = await codeCard(flow, only, PANEL_WIDTH);
    flow.ensure(panel.height);
    const { y: top, page } = { y: flow.y, page: flow.pen.document.page };
    panel.draw(RIGHT_EDGE - PANEL_WIDTH, top);
    await drawFacts(flow, facts, { columns: 1, width: BODY_WIDTH - PANEL_WIDTH - 28 });
    const samePage = flow.pen.document.page === page;
    if (samePage) flow.y = Math.max(flow.y, top + panel.height + GAP);
    return;
  }
  await drawFacts(flow, facts, { columns: 2, width: BODY_WIDTH });
  await drawCodeRows(flow, codes);
}

async function drawFacts(
  flow: Flow,
  facts: readonly DocumentFact[],
  grid: { columns: number; width: number },
): Promise<void> {
  const columnWidth = (grid.width - GAP * (grid.columns - 1)) / grid.columns;
  for (let at = 0; at < facts.length; at += grid.columns) {
    const row = facts.slice(at, at + grid.columns);
    const cells = await Promise.all(row.map((fact) => factCell(flow, fact, columnWidth)));
    if (cells.length === 1) drawTallFact(flow, cells[0]);
    else drawFactRow(flow, cells, columnWidth);
    flow.space(9);
  }
  flow.space(GAP - 9);
}

interface FactCell {
  readonly label: Setting;
  readonly value: Setting;
}

async function factCell(flow: Flow, { label, value }: DocumentFact, width: number): Promise<FactCell> {
  return { label: await flow.pen.set(label, STYLE.label, width), value: await flow.pen.set(value, STYLE.value, width) };
}

function drawTallFact(flow: Flow, cell: FactCell | undefined): void {
  if (!cell) return;
  flow.ensure(cell.label.height + STYLE.value.leading);
  flow.block(cell.label, { x: PAGE.margin });
  flow.block(cell.value, { x: PAGE.margin });
}

function drawFactRow(flow: Flow, cells: readonly FactCell[], columnWidth: number): void {
  const height = Math.max(...cells.map(({ label, value }) => label.height + value.height));
  flow.ensure(height);
  for (const [index, { label, value }] of cells.entries()) {
    const x = PAGE.margin + index * (columnWidth + GAP);
    flow.pen.block(label, { x, y: flow.y });
    flow.pen.block(value, { x, y: flow.y + label.height });
  }
  flow.space(height);
}

const CARDS_IN_ROW = 3;

async function drawCodeRows(flow: Flow, codes: DocumentContent['codes']): Promise<void> {
  const width = (BODY_WIDTH - GAP * (CARDS_IN_ROW - 1)) / CARDS_IN_ROW;
  for (let at = 0; at < codes.length; at += CARDS_IN_ROW) {
    const cards = await Promise.all(codes.slice(at, at + CARDS_IN_ROW).map((code) => codeCard(flow, code, width)));
    const height = Math.max(...cards.map((card) => card.height));
    flow.ensure(height);
    for (const [index, card] of cards.entries()) card.draw(PAGE.margin + index * (width + GAP), flow.y, height);
    flow.space(height + GAP);
  }
}

interface Card {
  readonly height: number;
  draw(x: number, y: number, height?: number): void;
}

async function codeCard(flow: Flow, code: DocumentContent['codes'][number], width: number): Promise<Card> {
  const { pen } = flow;
  const inner = width - 24;
  const text = await pen.set(code.text, STYLE.code, inner);
  const caption = await pen.set(code.caption, STYLE.caption, inner);
  const size = Math.min(inner, 148);
  const natural = 14 + size + 10 + text.height + caption.height + 12;
  return {
    height: natural,
    draw: (x, y, height = natural) => {
      pen.panel({ x, y, width, height, colour: COLOUR.panel });
      // Scanners want four light modules around the code; the white card gives them.
      pen.panel({ x: x + (width - size) / 2 - 2, y: y + 12, width: size + 4, height: size + 4, colour: COLOUR.paper });
      pen.qr(code.text, { x: x + (width - size) / 2 + 8, y: y + 22, size: size - 16, colour: COLOUR.ink });
      pen.blockCentred(text, { centre: x + width / 2, y: y + 14 + size + 10 });
      pen.blockCentred(caption, { centre: x + width / 2, y: y + 14 + size + 10 + text.height });
    },
  };
}

export async function drawSections(flow: Flow, sections: DocumentContent['sections']): Promise<void> {
  for (const section of sections) {
    const title = await flow.pen.set(section.title, STYLE.heading, BODY_WIDTH);
    flow.ensure(title.height + STYLE.text.leading * 2);
    flow.block(title, { x: PAGE.margin });
    for (const paragraph of section.paragraphs) {
      flow.block(await flow.pen.set(paragraph, STYLE.text, BODY_WIDTH), { x: PAGE.margin, width: BODY_WIDTH });
    }
    flow.space(GAP - 6);
  }
}
