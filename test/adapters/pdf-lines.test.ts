import { describe, expect, it } from 'vitest';
import { hanOrder } from '../../adapters/pdf/han-style.ts';
import { breakLines } from '../../adapters/pdf/lines.ts';
import { shape } from '../../adapters/pdf/shaping.ts';

async function broken(text: string, ems: number): Promise<readonly string[]> {
  const paragraph = await shape(text, { weight: 'regular', context: '' });
  return breakLines(paragraph, ems * 1000).map(({ segments }) =>
    segments
      .flatMap(({ clusters, rightToLeft }) => (rightToLeft ? clusters.toReversed() : clusters).map((c) => c.text))
      .join(''),
  );
}

describe('a line', () => {
  it('ends between words', async () => {
    expect(await broken('Peak Tram Lower Terminus', 6)).toEqual(['Peak Tram', 'Lower', 'Terminus']);
  });

  it('ends anywhere in a word that is longer than the line, and loses nothing of it', async () => {
    const lines = await broken('Wolfeschlegelsteinhausen', 5);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe('Wolfeschlegelsteinhausen');
  });

  it('ends between Thai words, which no space parts', async () => {
    const words = ['แพ็กเกจ', 'ครอบครัว', 'พร้อม', 'รถ', 'รับ', 'ส่ง', 'จาก', 'โรงแรม'];
    const lines = await broken(words.join(''), 7);
    expect(lines.length).toBeGreaterThan(2);
    const ends = new Set(words.map((_, index) => words.slice(0, index + 1).join('').length));
    for (const [index] of lines.entries()) expect(ends).toContain(lines.slice(0, index + 1).join('').length);
  });

  it('never begins with a Chinese or Japanese full stop or closing bracket', async () => {
    for (let ems = 4; ems < 9; ems += 1) {
      for (const line of await broken('请在出发前三天（含）确认。请携带护照原件。', ems))
        expect(line).not.toMatch(/^[。，）]/);
    }
  });

  it('reads from right to left with its numbers from left to right', async () => {
    const { clusters, ...rest } = await shape('غرفة 305 للحجز', { weight: 'regular', context: '' });
    const [line] = breakLines({ clusters, ...rest }, Infinity);
    const places = line?.segments.map(
      ({ x, clusters: drawn }) =>
        [
          x,
          drawn
            .map(({ text }) => text)
            .join('')
            .trim(),
        ] as const,
    );
    const seen = places?.toSorted(([a], [b]) => a - b).map(([, text]) => text);
    expect(seen).toEqual(['زجحلل', '305', 'ةفرغ']);
  });
});

describe('the country whose Han characters are meant', () => {
  it.each([
    ['国际机场门票', '', 'sc'],
    ['國際機場門票', '', 'tc'],
    ['東京タワー', '', 'jp'],
    ['渋谷駅', '', 'jp'],
    ['서울 南山', '', 'kr'],
    ['王小明', '國際機場門票', 'tc'],
    ['王小明', '国际机场门票', 'sc'],
    ['Zoë', '', 'sc'],
  ])('%s (beside: %s) is drawn as in %s', (text, context, family) => {
    expect(hanOrder(text, context)[0]).toBe(family);
  });
});
