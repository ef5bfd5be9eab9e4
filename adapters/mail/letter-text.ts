// A letter as plain text, for readers and mail programs that prefer it.
import type { Letter } from '../../domain/notices.ts';

const LINE_WIDTH = 76;

export function letterText(letter: Letter): string {
  const blocks = [
    ...(letter.greeting === null ? [] : [wrapped(letter.greeting)]),
    ...letter.paragraphs.map(wrapped),
    ...(letter.facts.length === 0 ? [] : [factList(letter.facts)]),
    ...(letter.action ? [`${letter.action.label}:\n${letter.action.url}`] : []),
    ['-- ', ...letter.footer.map(wrapped)].join('\n'),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function factList(facts: Letter['facts']): string {
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  return facts.map(({ label, value }) => `${`${label}:`.padEnd(width)}${value.replaceAll(/\s+/g, ' ')}`).join('\n');
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
