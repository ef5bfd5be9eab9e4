// How the documents look: measures in points, one accent colour, a small set of text styles.
import type { Weight } from './typefaces.ts';

export const PAGE = { width: 595.28, height: 841.89, margin: 50, top: 48, bottom: 92 } as const;
export const BODY_WIDTH = PAGE.width - 2 * PAGE.margin;
export const BODY_BOTTOM = PAGE.height - PAGE.bottom;
export const RIGHT_EDGE = PAGE.width - PAGE.margin;

export const COLOUR = {
  accent: '#0B5C6B',
  ink: '#16202A',
  muted: '#5B6874',
  rule: '#D9DFE4',
  panel: '#F1F6F7',
  paper: '#FFFFFF',
  alarm: '#B3261E',
} as const;

export interface TextStyle {
  readonly size: number;
  readonly weight: Weight;
  readonly colour: string;
  /** Height of a line in points. */
  readonly leading: number;
}

const regular = (size: number, leading: number, colour: string): TextStyle => ({
  size,
  leading,
  colour,
  weight: 'regular',
});
const bold = (size: number, leading: number, colour: string): TextStyle => ({ size, leading, colour, weight: 'bold' });

export const STYLE = {
  brand: bold(15, 22, COLOUR.accent),
  title: regular(9.5, 14, COLOUR.muted),
  reference: bold(12, 18, COLOUR.ink),
  headline: bold(21, 29, COLOUR.ink),
  longHeadline: bold(15, 22, COLOUR.ink),
  subheadline: regular(11.5, 17, COLOUR.muted),
  stamp: bold(12, 18, COLOUR.paper),
  label: regular(8.5, 13, COLOUR.muted),
  value: regular(11, 16.5, COLOUR.ink),
  code: bold(12.5, 18, COLOUR.ink),
  caption: regular(8.5, 12.5, COLOUR.muted),
  heading: bold(11, 18, COLOUR.accent),
  cell: regular(10, 15.5, COLOUR.ink),
  total: regular(10, 16, COLOUR.ink),
  grandTotal: bold(11.5, 19, COLOUR.ink),
  text: regular(9.5, 14.5, COLOUR.ink),
  footer: regular(8, 12, COLOUR.muted),
} as const;
