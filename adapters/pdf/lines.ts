// Breaks a shaped paragraph into lines and puts each line's pieces in the order they are seen.
import LineBreaker from 'linebreak';
import type { Cluster, Paragraph } from './shaping.ts';

/** Clusters of one direction, in the order they are drawn from left to right. */
export interface Segment {
  readonly x: number;
  readonly rightToLeft: boolean;
  readonly clusters: readonly Cluster[];
}

/** Measures are in thousandths of the type size. */
export interface Line {
  readonly width: number;
  /** In reading order, so that copying the text out gives it back as it was written. */
  readonly segments: readonly Segment[];
}

const words = new Intl.Segmenter('th', { granularity: 'word' });
const UNSPACED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

export function breakLines(paragraph: Paragraph, width: number): readonly Line[] {
  const allowed = breaksOf(paragraph.text);
  const lines: Line[] = [];
  let line: Cluster[] = [];
  for (const cluster of paragraph.clusters) {
    if (line.length > 0 && !isBlank(cluster) && widthOf(line) + cluster.advance > width) {
      const kept = lastBreak(line, cluster, allowed);
      lines.push(lineOf(line.slice(0, kept), paragraph.rightToLeft));
      line = line.slice(kept);
    }
    line.push(cluster);
  }
  if (line.length > 0) lines.push(lineOf(line, paragraph.rightToLeft));
  return lines;
}

/** How many clusters stay on the line: up to the last allowed break, or all when there is none. */
function lastBreak(line: readonly Cluster[], next: Cluster, allowed: ReadonlySet<number>): number {
  for (let count = line.length; count > 0; count -= 1) {
    if (allowed.has((line[count] ?? next).start)) return count;
  }
  return line.length;
}

function breaksOf(text: string): ReadonlySet<number> {
  const breaker = new LineBreaker(text);
  const positions = new Set<number>();
  for (let next = breaker.nextBreak(); next; next = breaker.nextBreak()) positions.add(next.position);
  if (!UNSPACED.test(text)) return positions;
  for (const { index } of words.segment(text)) {
    if (UNSPACED.test(text.charAt(index - 1)) && UNSPACED.test(text.charAt(index))) positions.add(index);
  }
  return positions;
}

const isBlank = ({ text }: Cluster): boolean => text.trim() === '';
const widthOf = (clusters: readonly Cluster[]): number => clusters.reduce((sum, { advance }) => sum + advance, 0);

function lineOf(clusters: readonly Cluster[], rightToLeft: boolean): Line {
  const visible = clusters.slice(0, clusters.findLastIndex((cluster) => !isBlank(cluster)) + 1);
  const groups = groupByLevel(visible);
  const starts = startsOf(inVisualOrder(groups, rightToLeft ? 1 : 0));
  return {
    width: widthOf(visible),
    segments: groups.map((group) => ({
      x: starts.get(group) ?? 0,
      rightToLeft: group.level % 2 === 1,
      clusters: group.level % 2 === 1 ? group.clusters.toReversed() : group.clusters,
    })),
  };
}

interface Group {
  readonly level: number;
  readonly clusters: Cluster[];
}

function groupByLevel(clusters: readonly Cluster[]): readonly Group[] {
  const groups: Group[] = [];
  for (const cluster of clusters) {
    const last = groups.at(-1);
    if (last?.level === cluster.level) last.clusters.push(cluster);
    else groups.push({ level: cluster.level, clusters: [cluster] });
  }
  return groups;
}

/** Rule L2 of the Unicode bidirectional algorithm: from the highest level down, turn every stretch around. */
function inVisualOrder(groups: readonly Group[], baseLevel: number): readonly Group[] {
  let order = [...groups];
  const highest = Math.max(baseLevel, ...groups.map(({ level }) => level));
  for (let level = highest; level >= 1; level -= 1) order = turnedAt(order, level);
  return order;
}

function turnedAt(order: readonly Group[], level: number): Group[] {
  const turned: Group[] = [];
  let stretch: Group[] = [];
  for (const group of order) {
    if (group.level >= level) stretch.unshift(group);
    else {
      turned.push(...stretch, group);
      stretch = [];
    }
  }
  return [...turned, ...stretch];
}

function startsOf(order: readonly Group[]): ReadonlyMap<Group, number> {
  const starts = new Map<Group, number>();
  let x = 0;
  for (const group of order) {
    starts.set(group, x);
    x += widthOf(group.clusters);
  }
  return starts;
}
