import { describe, expect, it } from 'vitest';
import { instantOf, isLocalTime, isTimeZone } from '../../domain/local-time.ts';

describe('a local time', () => {
  it.each([
    ['2026-12-24 09:30:00', 'Asia/Hong_Kong', '2026-12-24T01:30:00.000Z'],
    ['2026-07-01 12:00:00', 'Europe/Berlin', '2026-07-01T10:00:00.000Z'],
    ['2026-01-01 12:00:00', 'Europe/Berlin', '2026-01-01T11:00:00.000Z'],
    ['2026-01-01 00:00:00', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
    ['2026-12-31 23:59:59', 'Pacific/Kiritimati', '2026-12-31T09:59:59.000Z'],
    ['2026-06-01 08:00:00', 'UTC', '2026-06-01T08:00:00.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(instantOf(local, zone)).toBe(instant);
  });

  it('on the last hour before and the first after clocks spring forward keeps its own offset', () => {
    expect(instantOf('2026-03-29 01:59:59', 'Europe/Berlin')).toBe('2026-03-29T00:59:59.000Z');
    expect(instantOf('2026-03-29 03:00:00', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z');
  });

  it('that a clock skips is moved on by the hour that was skipped', () => {
    expect(instantOf('2026-03-29 02:30:00', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
    expect(instantOf('2026-03-08 02:30:00', 'America/New_York')).toBe('2026-03-08T07:30:00.000Z');
  });

  it('that happens twice is the first of the two', () => {
    expect(instantOf('2026-10-25 02:30:00', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(instantOf('2026-11-01 01:30:00', 'America/New_York')).toBe('2026-11-01T05:30:00.000Z');
  });

  it('is right where daylight saving is half an hour', () => {
    expect(instantOf('2026-04-05 01:45:00', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00.000Z');
    expect(instantOf('2026-04-05 02:00:00', 'Australia/Lord_Howe')).toBe('2026-04-04T15:30:00.000Z');
  });

  it.each([
    '2026-02-30 10:00:00',
    '2026-01-01 24:00:00',
    '2026-01-01T10:00:00',
    '2026-1-1 10:00:00',
    '0000-00-00 00:00:00',
    '',
  ])('is refused when no calendar has it: %j', (text) => {
    expect(isLocalTime(text)).toBe(false);
    expect(() => instantOf(text, 'UTC')).toThrow(RangeError);
  });
});

describe('a time zone', () => {
  it.each(['Asia/Hong_Kong', 'Europe/Kyiv', 'UTC'])('is known: %s', (name) => expect(isTimeZone(name)).toBe(true));
  it.each(['Asia/Atlantis', '+08:00', '', 'GMT+8 '])('is not one: %j', (name) => expect(isTimeZone(name)).toBe(false));
});
