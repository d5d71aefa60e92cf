import { z } from 'zod'
import { QUALITY_CODES, qualityOf } from '../../model/quality.ts'
import { AHEAD_MS, type Reading } from '../../model/reading.ts'
import { MINUTE_MS } from '../../model/time.ts'
import { unitLabel } from '../../model/units.ts'
import type { Point } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { instant, instantSchema, unitFields, valueSchema } from '../fields.ts'

export const qualitySchema = z
  .string()
  .refine(code => QUALITY_CODES.has(code))
  .describe('good, uncertain or bad, with a reason behind a colon: bad:timeout')

const LATEST_STATUSES = ['current', 'stale', 'bad', 'missing'] as const

export const latestSchema = z
  .strictObject({
    point: z.string(),
    site: z.string(),
    ...unitFields,
    status: z.enum(LATEST_STATUSES),
    value: valueSchema.describe('Null unless the status is current: what is not known now is not shown'),
    ageMs: z.number().nullable(),
    reading: z
      .strictObject({ time: instantSchema, value: valueSchema, quality: qualitySchema })
      .nullable()
      .describe('The newest reading, however old'),
  })
  .meta({ id: 'Latest' })

export type Latest = z.output<typeof latestSchema>

/** A point that is silent for three intervals, and for a minute at least, is not known any more. */
export function staleAfter(intervalMs: number): number {
  return Math.max(3 * intervalMs, MINUTE_MS)
}

/** What is known of a point at a moment, from its newest reading. */
export function latestOf(point: Point, reading: Reading | undefined, now: number): Latest {
  const status = statusOf(point, reading, now)
  return {
    point: point.id,
    site: point.site,
    unit: point.unit,
    unitLabel: unitLabel(point.unit),
    status,
    value: status === 'current' ? reading!.value : null,
    ageMs: reading ? now - reading.time : null,
    reading: reading ? { time: instant(reading.time), value: reading.value, quality: reading.quality } : null,
  }
}

function statusOf(point: Point, reading: Reading | undefined, now: number): Latest['status'] {
  if (!reading) return 'missing'
  // Far ahead is a clock that was wrong, which tells nothing of now.
  if (reading.time > now + AHEAD_MS || now - reading.time > staleAfter(point.dueWithin)) return 'stale'
  return qualityOf(reading.quality) === 'bad' ? 'bad' : 'current'
}

/**
 * What is known now of each of the points, in their order. A reading far ahead, of a clock that was wrong,
 * does not hide those that came since it was set right.
 */
export async function readLatest(
  readings: ReadingStore,
  points: readonly Point[],
  now: number,
): Promise<Latest[]> {
  const newest = new Map((await readings.latest(points.map(point => point.id))).map(r => [r.point, r]))
  const ahead = points.filter(({ id }) => newest.has(id) && newest.get(id)!.time > now + AHEAD_MS)
  for (const { id, dueWithin } of ahead) {
    const present = (await readings.range(id, now - staleAfter(dueWithin), now + AHEAD_MS + 1)).at(-1)
    if (present) newest.set(id, present)
  }
  return points.map(point => latestOf(point, newest.get(point.id), now))
}
