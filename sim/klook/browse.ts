// The catalogue side: categories, activities, schedules, questions, minimum prices.
import { activities, categories, policyText } from './catalogue.ts';
import type { Activity, Package, Sku } from './catalogue.ts';
import { KlookError, invalid } from './errors.ts';
import { inventory, wireId } from './offer.ts';
import type { World } from './state.ts';
import { localText, localToUtc, utcFrom, utcText } from './times.ts';

type Query = (name: string) => string | undefined;

const DAY = 86_400_000;
const MAX_DAYS = 92;

export function listCategories(): Record<string, unknown> {
  return { success: true, categories };
}

export function listActivities(world: World, query: Query): Record<string, unknown> {
  const among = (name: string, id: number) => {
    const wanted = query(name);
    return !wanted || wanted.split(',').includes(String(id));
  };
  const found = activities.filter(
    (activity) =>
      among('city_ids', activity.cityId) &&
      among('country_ids', activity.countryId) &&
      among('category_ids', activity.categoryId),
  );
  const limit = Math.min(Math.max(Number(query('limit')) || 20, 1), 100);
  const page = Math.max(Number(query('page')) || 1, 1);
  const shown = found.slice((page - 1) * limit, page * limit);
  return {
    success: true,
    total: found.length,
    page,
    limit,
    activities: shown.map((activity) => activityBody(world, activity)),
  };
}

export function readActivity(world: World, id: string): Record<string, unknown> {
  const activity = activities.find((candidate) => candidate.id === id);
  if (!activity) throw new KlookError({ status: 404, code: 'NOT_FOUND' }, `activity ${id} does not exist`);
  return { success: true, activity: activityBody(world, activity) };
}

function activityBody(world: World, activity: Activity): Record<string, unknown> {
  const packs = world.packages.values().filter((pack) => pack.activityId === activity.id);
  return {
    activity_id: wireId(activity.id),
    activity_name: activity.name,
    city_id: activity.cityId,
    country_id: activity.countryId,
    category_id: activity.categoryId,
    package_list: packs.map((pack) => packageBody(world, pack)),
  };
}

function packageBody(world: World, pack: Package): Record<string, unknown> {
  return {
    package_id: wireId(pack.id),
    package_name: pack.name,
    timezone: pack.timezone,
    currency: pack.currency,
    instant: pack.instant,
    cancellation_type: cancellationType(pack),
    cancellation_policy: policyText(pack),
    cancellation_tiers: pack.tiers.map(({ hoursBefore, feePercent }) => ({
      hours_before: hoursBefore,
      fee_percent: feePercent,
    })),
    voucher_usage: 'mobile_or_printed',
    timeslot_type: 'fixed_time',
    ticket_type: 'qr_code',
    min_pax: 1,
    max_pax: 100,
    sku_list: world.skusByPackage.all(pack.id).map((sku) => ({
      sku_id: wireId(sku.id),
      name: sku.name,
      price: sku.price,
      currency: pack.currency,
      publish_status: sku.published,
    })),
  };
}

function cancellationType({ tiers }: Package): string {
  if (tiers.length === 0) return 'non_refundable';
  return tiers.some(({ feePercent }) => feePercent > 0) ? 'conditional' : 'free_cancellation';
}

export function listSchedules(world: World, ids: string, query: Query): Record<string, unknown> {
  const schedules = ids
    .split(',')
    .slice(0, 50)
    .map((id) => {
      const sku = world.skus.get(id);
      const pack = world.packages.get(sku?.packageId ?? '');
      if (!sku || !pack) throw new KlookError({ status: 404, code: 'NOT_FOUND' }, `sku ${id} does not exist`);
      return {
        sku_id: wireId(id),
        publish_status: sku.published,
        currency: pack.currency,
        timezone: pack.timezone,
        calendars: calendars(world, { sku, pack, ...rangeIn(query, pack.timezone) }),
      };
    });
  return { success: true, schedules };
}

function rangeIn(query: Query, zone: string): { from: number; to: number } {
  const from = edge(query('start_time')) ?? utcFrom(`${localText(Date.now(), zone).slice(0, 10)} 00:00:00`) ?? 0;
  const to = edge(query('end_time')) ?? from + 30 * DAY;
  return { from, to: Math.min(to, from + MAX_DAYS * DAY) };
}

/** A date, or a date and time. */
function edge(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const ms = utcFrom(text.length === 10 ? `${text} 00:00:00` : text);
  if (ms === undefined) throw invalid('start_time and end_time must be YYYY-MM-DD HH:MM:SS');
  return ms;
}

function calendars(
  world: World,
  { sku, pack, from, to }: { sku: Sku; pack: Package; from: number; to: number },
): Record<string, unknown>[] {
  const months = new Map<string, Record<string, unknown>[]>();
  for (let day = from; day <= to; day += DAY) {
    const date = utcText(day).slice(0, 10);
    const entries = months.get(date.slice(0, 7)) ?? [];
    months.set(date.slice(0, 7), entries);
    for (const time of pack.times) {
      const startTime = `${date} ${time}`;
      const blockOut = (localToUtc(startTime, pack.timezone) ?? 0) - pack.cutOffMinutes * 60_000;
      if (blockOut <= Date.now()) continue;
      entries.push({
        start_time: startTime,
        block_out_time_utc: utcText(blockOut),
        selling_price: sku.price,
        inventory: Math.min(inventory(world, sku, { startTime, reserved: true }), 9999),
      });
    }
  }
  return Array.from(months, ([month, entries]) => ({ month, calendars: entries }));
}

export function readQuestions(world: World, packageId: string): Record<string, unknown> {
  const pack = world.packages.get(packageId);
  if (!pack) throw new KlookError({ status: 404, code: 'NOT_FOUND' }, `package ${packageId} does not exist`);
  return {
    success: true,
    items: [
      {
        package_id: wireId(pack.id),
        booking_extra_info: pack.bookingQuestions,
        unit_extra_info: pack.unitQuestions,
      },
    ],
  };
}
