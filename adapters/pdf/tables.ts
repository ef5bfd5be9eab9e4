// Tables with amounts flush right; a table of one column is set as a list in two.
import type { DocumentTable } from '../../domain/documents.ts';
import { BODY_WIDTH, COLOUR, PAGE, RIGHT_EDGE, STYLE } from './design.ts';
import type { TextStyle } from './design.ts';
import type { Flow } from './flow.ts';
import type { Pen, Setting } from './pen.ts';

const GAP = 18;
const WIDEST_SIDE_COLUMN = 150;

interface Column {
  readonly x: number;
  readonly width: number;
  readonly align: 'start' | 'end';
}

export async function drawTable(flow: Flow, table: DocumentTable): Promise<void> {
  const title = await flow.pen.set(table.title, STYLE.heading, BODY_WIDTH);
  flow.ensure(title.height + STYLE.label.leading + STYLE.cell.leading * 3);
  flow.block(title, { x: PAGE.margin });
  if (table.columns.length === 1) await drawList(flow, table);
  else await drawGrid(flow, table);
  flow.space(GAP - 4);
}

async function drawList(flow: Flow, { rows }: DocumentTable): Promise<void> {
  const width = (BODY_WIDTH - GAP) / 2;
  const half = Math.ceil(rows.length / 2);
  const columns = [0, 1].map((column) => ({ x: PAGE.margin + column * (width + GAP), width, align: 'start' as const }));
  for (let index = 0; index < half; index += 1) {
    const texts = [rows[index], rows[half + index]].map((row = []) => row.join(' '));
    await drawRow(flow, { texts, columns, style: STYLE.cell });
  }
}

async function drawGrid(flow: Flow, table: DocumentTable): Promise<void> {
  const columns = await columnsOf(flow.pen, table);
  const head: Row = { texts: table.columns.map(({ label }) => label), columns, style: STYLE.label };
  await drawRow(flow, head);
  flow.space(2);
  for (const texts of table.rows) await drawRow(flow, { texts, columns, style: STYLE.cell, under: head });
  flow.pen.rule({ x: PAGE.margin, y: flow.y, width: BODY_WIDTH, colour: COLOUR.ink, thickness: 0.9 });
  flow.space(5);
  for (const total of table.totals) await drawTotal(flow, total);
}

/** The first column takes what the others, as wide as their content, leave over. */
async function columnsOf(pen: Pen, table: DocumentTable): Promise<readonly Column[]> {
  const widths: number[] = [];
  for (let index = 1; index < table.columns.length; index += 1) {
    const texts = [table.columns[index]?.label ?? '', ...table.rows.map((row) => row[index] ?? '')];
    const settings = await Promise.all(texts.map((text) => pen.set(text, STYLE.cell)));
    widths.push(Math.min(WIDEST_SIDE_COLUMN, Math.max(44, ...settings.map(({ width }) => width)) + 1));
  }
  const first = BODY_WIDTH - widths.reduce((sum, width) => sum + width + GAP, 0);
  let x: number = PAGE.margin;
  return [first, ...widths].map((width, index) => {
    const column = { x, width, align: table.columns[index]?.align ?? 'start' };
    x += width + GAP;
    return column;
  });
}

interface Row {
  readonly texts: readonly string[];
  readonly columns: readonly Column[];
  readonly style: TextStyle;
  /** The head it stands under: ruled off from it, and repeating it when the row begins a page. */
  readonly under?: Row;
}

async function drawRow(flow: Flow, { texts, columns, style, under }: Row): Promise<void> {
  const cells = await Promise.all(
    columns.map((column, index) => flow.pen.set(texts[index] ?? '', style, column.width)),
  );
  const air = under ? 4 : 0;
  const turned = flow.ensure(Math.max(...cells.map(({ height }) => height)) + 2 * air);
  if (turned && under) await drawRow(flow, under);
  if (under) flow.pen.rule({ x: PAGE.margin, y: flow.y, width: BODY_WIDTH, colour: COLOUR.rule });
  flow.space(air);
  const tallest = Math.max(...cells.map(({ lines }) => lines.length));
  for (let index = 0; index < tallest; index += 1) {
    flow.ensure(style.leading);
    for (const [at, cell] of cells.entries()) drawCellLine(flow, cell, { index, column: columns[at] });
    flow.space(style.leading);
  }
  flow.space(air);
}

function drawCellLine(
  flow: Flow,
  cell: Setting,
  { index, column }: { index: number; column: Column | undefined },
): void {
  const line = cell.lines[index];
  if (!line || !column) return;
  const indent = column.align === 'end' ? column.width - (line.width / 1000) * cell.style.size : 0;
  flow.pen.line(line, cell.style, { x: column.x + indent, y: flow.y });
}

async function drawTotal(flow: Flow, { label, value, strong }: DocumentTable['totals'][number]): Promise<void> {
  const style = strong ? STYLE.grandTotal : STYLE.total;
  const amount = await flow.pen.set(value, style, WIDEST_SIDE_COLUMN * 1.5);
  const name = await flow.pen.set(label, style, BODY_WIDTH - amount.width - GAP);
  const height = Math.max(amount.height, name.height);
  flow.ensure(height);
  flow.pen.block(name, { x: PAGE.margin, y: flow.y });
  flow.pen.blockRight(amount, { right: RIGHT_EDGE, y: flow.y });
  flow.space(height);
}
