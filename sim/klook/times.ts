// Klook's clock: `YYYY-MM-DD HH:MM:SS`, UTC for bookkeeping, the package's own zone for a start.

const PATTERN = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;
const formats = new Map<string, Intl.DateTimeFormat>();

export function utcText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Reads such a text as UTC; `undefined` when it is none or names no real moment (`2026-02-30 …`). */
export function utcFrom(text: unknown): number | undefined {
  if (typeof text !== 'string' || !PATTERN.test(text)) return undefined;
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) || utcText(ms) !== text ? undefined : ms;
}

/** The moment at which a clock in `zone` shows `text`. */
export function localToUtc(text: unknown, zone: string): number | undefined {
  const asUtc = utcFrom(text);
  if (asUtc === undefined) return undefined;
  const guess = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(guess, zone);
}

export function localText(ms: number, zone: string): string {
  return utcText(ms + offsetAt(ms, zone));
}

function offsetAt(ms: number, zone: string): number {
  const parts = new Map(
    formatFor(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown - Math.floor(ms / 1000) * 1000;
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
