// The same Han character is written differently in China, Taiwan, Japan and Korea. Which way a text
// means is guessed from what it holds: kana, hangul, or the national character set that covers it best.
import type { Family } from './font-files.ts';

export type HanFamily = Extract<Family, 'sc' | 'tc' | 'jp' | 'kr'>;

const HAN = /\p{Script=Han}/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const HANGUL = /\p{Script=Hangul}/u;

/** Where each national set keeps its everyday characters, as lead and trail bytes of its encoding. */
const NATIONAL_SETS: Readonly<Record<HanFamily, { encoding: string; lead: Span; trail: readonly Span[] }>> = {
  sc: { encoding: 'gbk', lead: [0xb0, 0xf7], trail: [[0xa1, 0xfe]] },
  tc: {
    encoding: 'big5',
    lead: [0xa4, 0xf9],
    trail: [
      [0x40, 0x7e],
      [0xa1, 0xfe],
    ],
  },
  jp: {
    encoding: 'shift_jis',
    lead: [0x88, 0x9f],
    trail: [
      [0x40, 0x7e],
      [0x80, 0xfc],
    ],
  },
  kr: { encoding: 'euc-kr', lead: [0xca, 0xfd], trail: [[0xa1, 0xfe]] },
};
type Span = readonly [number, number];

let national: Readonly<Record<HanFamily, ReadonlySet<string>>> | undefined;

/** Families to try for the Han characters of `text`, best first; `context` settles what text alone can't. */
export function hanOrder(text: string, context: string): readonly HanFamily[] {
  const choices: HanFamily[] = ['sc', 'tc', 'jp', 'kr'];
  if (KANA.test(text)) return preferring('jp', choices);
  if (HANGUL.test(text)) return preferring('kr', choices);
  const own = hanOf(text);
  if (own.length === 0) return choices;
  const around = hanOf(context);
  const score = (family: HanFamily): number => coverage(family, own) * 1_000_000 + coverage(family, around);
  return choices.toSorted((a, b) => score(b) - score(a));
}

const preferring = (first: HanFamily, all: readonly HanFamily[]): readonly HanFamily[] => [
  first,
  ...all.filter((family) => family !== first),
];

const hanOf = (text: string): readonly string[] => Array.from(text).filter((character) => HAN.test(character));

function coverage(family: HanFamily, characters: readonly string[]): number {
  national ??= { sc: nationalSet('sc'), tc: nationalSet('tc'), jp: nationalSet('jp'), kr: nationalSet('kr') };
  const set = national[family];
  return characters.filter((character) => set.has(character)).length;
}

function nationalSet(family: HanFamily): ReadonlySet<string> {
  const { encoding, lead, trail } = NATIONAL_SETS[family];
  const bytes: number[] = [];
  for (let first = lead[0]; first <= lead[1]; first += 1) {
    for (const [from, to] of trail) {
      for (let second = from; second <= to; second += 1) bytes.push(first, second);
    }
  }
  return new Set(hanOf(new TextDecoder(encoding).decode(Uint8Array.from(bytes))));
}
