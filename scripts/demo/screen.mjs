// @ts-check
// What the terminal shows: a line for each step with its time, tables, and one line that counts while nothing happens.
import { styleText } from 'node:util';

const TIME_WIDTH = 10;
const WHO_WIDTH = 10;
const INDENT = ' '.repeat(TIME_WIDTH + 2);
const QUIET_FOR_MS = 15_000;

/** @typedef {'customer' | 'bank' | 'stripe' | 'chip' | 'webhook' | 'holdfast' | 'klook' | 'mail' | 'service' | 'staff' | 'demo'} Who */
/** @typedef {{ at: number, who: Who, text: string, detail?: string }} Step */
/** @typedef {Parameters<typeof styleText>[0]} Style */
/** @typedef {ReturnType<typeof createScreen>} Screen */

/** @type {Record<Who, Style>} */
const COLOURS = {
  customer: 'cyan',
  bank: 'cyan',
  stripe: 'magenta',
  chip: 'magenta',
  webhook: 'magenta',
  holdfast: 'green',
  klook: 'yellow',
  mail: 'blue',
  service: 'cyan',
  staff: 'cyan',
  demo: 'gray',
};

/**
 * Lines that stay, and one that is overwritten by the next.
 * @param {NodeJS.WriteStream} out
 * @param {boolean} isTerminal
 */
function createPaper(out, isTerminal) {
  let lastLineAt = Date.now();
  let hasLooseLine = false;
  const erase = () => (hasLooseLine ? '\r\u001B[K' : '');
  const write = (/** @type {string} */ text) => {
    out.write(`${erase()}${text}\n`);
    hasLooseLine = false;
    lastLineAt = Date.now();
  };
  return {
    write,
    /** @param {string} line */
    writeLoose(line) {
      if (isTerminal) {
        out.write(`${erase()}${line}`);
        hasLooseLine = true;
      } else if (Date.now() - lastLineAt >= QUIET_FOR_MS) {
        write(line);
      }
    },
  };
}

/**
 * @param {{ out?: NodeJS.WriteStream, env?: NodeJS.ProcessEnv }} [options]
 */
export function createScreen({ out = process.stdout, env = process.env } = {}) {
  const isTerminal = out.isTTY && env.TERM !== 'dumb';
  const isColoured = isTerminal && !env.NO_COLOR;
  const paper = createPaper(out, isTerminal);
  let begun = Date.now();
  let isOpen = true;

  const write = (/** @type {string} */ text) => {
    if (isOpen) paper.write(text);
  };
  const paint = (/** @type {Style} */ style, /** @type {string} */ text) =>
    isColoured ? styleText(style, text) : text;
  const timeOf = (/** @type {number} */ at) => `${(Math.max(0, at - begun) / 1000).toFixed(2)} s`.padStart(TIME_WIDTH);
  const stepLine = (/** @type {Step} */ { at, who, text, detail }) => {
    const name = paint(COLOURS[who], who.padEnd(WHO_WIDTH));
    return `${paint('dim', timeOf(at))}  ${name}${ascii(text)}${detail ? paint('dim', `  (${ascii(detail)})`) : ''}`;
  };

  return {
    /** From now on time counts. */
    begin() {
      begun = Date.now();
    },
    write,
    isOpen: () => isOpen,
    /** Nothing of a demo that was broken off is shown any more. */
    close() {
      isOpen = false;
    },
    /** @param {string} text */
    title(text) {
      write(paint('bold', text));
    },
    /** @param {string} text */
    section(text) {
      write(`\n${paint('bold', text)}`);
    },
    /** @param {string} line something said beside the story */
    aside(line) {
      write(paint('dim', `${INDENT}| ${line}`));
    },
    /**
     * What went over the wire, under the step that it belongs to.
     * @param {'>' | '<'} direction
     * @param {string} text
     */
    wire(direction, text) {
      for (const [index, line] of wrapped(ascii(text)).entries()) {
        write(paint('dim', `${INDENT}${' '.repeat(WHO_WIDTH)}${index === 0 ? direction : ' '} ${line}`));
      }
    },
    /** @param {Step} step */
    step(step) {
      write(stepLine(step));
    },
    /**
     * In place on a terminal; elsewhere now and then, so that a log shows that it goes on.
     * @param {string} text
     */
    waiting(text) {
      if (!isOpen) return;
      // A line that wraps can't be overwritten.
      const room = (out.columns || 80) - INDENT.length - WHO_WIDTH - 1;
      paper.writeLoose(stepLine({ at: Date.now(), who: 'demo', text: text.slice(0, room) }));
    },
    /** @param {readonly (readonly [label: string, value: string])[]} pairs */
    facts(pairs) {
      const width = Math.max(...pairs.map(([label]) => label.length));
      for (const [label, value] of pairs) write(`  ${label.padEnd(width)}  ${value}`);
    },
    /**
     * Columns as wide as they need; those named in `right` end flush.
     * @param {readonly (readonly string[])[]} rows
     * @param {readonly number[]} right
     */
    table(rows, right) {
      for (const line of inColumns(rows, right)) write(line);
    },
    /** @param {{ ok: boolean, text: string }} check */
    check({ ok, text }) {
      write(`  ${ok ? paint('green', 'ok  ') : paint(['red', 'bold'], 'NOT ')}  ${text}`);
    },
  };
}

/**
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly number[]} right
 */
function inColumns(rows, right) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}

const WIRE_WIDTH = 100;
const WIRE_LINES = 6;

/**
 * Broken between words, and cut where it would flood the screen.
 * @param {string} text
 */
function wrapped(text) {
  const lines = text.match(new RegExp(`\\S.{0,${WIRE_WIDTH - 1}}(?=\\s|$)|\\S{${WIRE_WIDTH}}`, 'g')) ?? [];
  return lines.length > WIRE_LINES ? [...lines.slice(0, WIRE_LINES), '...'] : lines;
}

/** @type {Record<string, string>} */
const PLAIN = { '…': '...', '’': "'", '–': '-', '—': '-', '·': '-', '•': '*' };

/**
 * Names and subjects come from outside: nothing in them may move the cursor or break the columns.
 * @param {string} text
 */
export function ascii(text) {
  return text.replaceAll(/[^\u0020-\u007E]/g, (letter) => PLAIN[letter] ?? '?');
}
