// From a clock on a wall somewhere to the instant it means, daylight saving included.

const LOCAL = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;
const DAY_MS = 86_400_000;

export function isTimeZone(name: string): boolean {
  // Offsets are no zones: they know nothing of daylight saving.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

/** True for a moment that a calendar has: not for 30 February or 24:00. */
export const isLocalTime = (local: string): boolean => wallMs(local) !== undefined;

/**
 * ISO 8601 UTC of a local "YYYY-MM-DD HH:MM:SS". A time that happens twice is the first of the two;
 * one that a clock skips is moved on by what was skipped, as calendars do.
 */
export function instantOf(local: string, zone: string): string {
  const wall = wallMs(local);
  if (wall === undefined) throw new RangeError(`not a local time: ${local}`);
  const clock = clockOf(zone);
  const before = offsetAt(wall - DAY_MS, clock);
  const after = offsetAt(wall + DAY_MS, clock);
  const fits = [before, after].find((offset) => offsetAt(wall - offset, clock) === offset);
  return new Date(wall - (fits ?? before)).toISOString();
}

/** The same digits read as if they stood in UTC. */
function wallMs(local: string): number | undefined {
  const [year = 0, month = 0, ...rest] = LOCAL.exec(local)?.slice(1).map(Number) ?? [];
  const [day = 0, hour = 0, minute = 0, second = 0] = rest;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ') === local ? ms : undefined;
}

const clockOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });

/** How far the zone's clock is ahead of UTC at an instant. */
function offsetAt(instantMs: number, clock: Intl.DateTimeFormat): number {
  const parts = Object.fromEntries(clock.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1_000) * 1_000;
}
