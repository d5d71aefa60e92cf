import { z } from 'zod'
import { startOfLocalDate } from '../model/calendar.ts'
import { type Decimal, toNumber } from '../model/decimal.ts'
import type { Period } from '../model/period.ts'
import { ID_PATTERN } from '../model/point-id.ts'
import { DAY_MS, HOUR_MS } from '../model/time.ts'
import { UNITS } from '../model/units.ts'

/**
 * Schemas that several resources share. One with an `id` becomes a component of the OpenAPI document.
 * Answers are strict objects and hold every key: what is absent is null.
 */
export const textSchema = z.strictObject({ fr: z.string(), en: z.string() }).meta({ id: 'Text' })
export const instantSchema = z.iso.datetime().describe('RFC 3339, UTC with milliseconds')
export const localTimeSchema = z.iso
  .datetime({ offset: true })
  .describe("RFC 3339 with the territory's offset")
export const valueSchema = z
  .union([z.number(), z.boolean(), z.string(), z.null()])
  .describe('In the unit of the point; null for nothing')
export const unitFields = {
  unit: z.enum(UNITS).describe('UCUM code'),
  unitLabel: z.string().describe('What people expect: kWh for kW.h'),
}

export const idParameter = z.string().regex(ID_PATTERN, 'use lower-case letters, digits and hyphens')

/** An instant, ms UTC, as answers show it. */
export function instant(time: number): string {
  return new Date(time).toISOString()
}

export function instantOrNull(time: number | undefined): string | null {
  return time === undefined ? null : instant(time)
}

/** The boundary of a civil period, ms UTC, with the offset of the territory: `2026-11-22T00:00:00+01:00`. */
export function localTime(time: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(time).toString({ timeZone, smallestUnit: 'second' })
}

/** An exact decimal, written or not, as answers show it: rounded only here, to what JSON holds. */
export function numberOf(value: Decimal | string | null | undefined): number | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? Number(value) : toNumber(value)
}

/** Percentiles and means lie between two steps: millionths of the unit are enough. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

/** A share of time that is known, 0 to 1, in four decimals: rounded up it would hide what is missing. */
export function flooredShare(share: number): number {
  return Math.floor(share * 10_000) / 10_000
}

export function roundedOrNull(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value)
}

const TIME_HINT = 'write a time like 2026-11-22T08:00:00Z (a + as %2B) or a date like 2026-11-22'

export const timeParameter = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: TIME_HINT })
  .describe("RFC 3339; a date stands for the start of that day in the territory's time zone")

/** The instant of a time parameter, ms UTC. */
export function parameterTime(text: string, timeZone: string): number {
  return text.includes('T') ? Temporal.Instant.from(text).epochMilliseconds : startOfLocalDate(text, timeZone)
}

/** How far a request reaches back when it does not say, and the most it may ask for, by size of step; ms. */
const SPANS: Record<
  | 'reading'
  | 'minute'
  | 'alerts'
  | 'cost'
  | 'power'
  | 'trace'
  | 'road-weather'
  | 'finding'
  | 'entry'
  | Period,
  { default: number; longest: number; words: string }
> = {
  reading: { default: DAY_MS, longest: 400 * DAY_MS, words: '400 days' },
  minute: { default: 6 * HOUR_MS, longest: 7 * DAY_MS, words: '7 days' },
  trace: { default: HOUR_MS, longest: 25 * HOUR_MS, words: '25 hours' },
  'road-weather': { default: DAY_MS, longest: 25 * HOUR_MS, words: '25 hours' },
  hour: { default: 7 * DAY_MS, longest: 400 * DAY_MS, words: '400 days' },
  day: { default: 31 * DAY_MS, longest: 3660 * DAY_MS, words: '10 years' },
  alerts: { default: 365 * DAY_MS, longest: 3660 * DAY_MS, words: '10 years' },
  cost: { default: 396 * DAY_MS, longest: 3660 * DAY_MS, words: '10 years' },
  power: { default: 396 * DAY_MS, longest: 800 * DAY_MS, words: '800 days' },
  finding: { default: 30 * DAY_MS, longest: 100 * DAY_MS, words: '100 days' },
  entry: { default: 7 * DAY_MS, longest: 250 * DAY_MS, words: '250 days' },
  week: { default: 92 * DAY_MS, longest: 3660 * DAY_MS, words: '10 years' },
  month: { default: 396 * DAY_MS, longest: 18_300 * DAY_MS, words: '50 years' },
  year: { default: 1827 * DAY_MS, longest: 36_600 * DAY_MS, words: '100 years' },
  'heating-year': { default: 1827 * DAY_MS, longest: 36_600 * DAY_MS, words: '100 years' },
}

export interface SpanRequest {
  from?: string | undefined
  to?: string | undefined
}

/**
 * The span that a request asks for, ms UTC: `to` is now where it is not given.
 * @throws WrongParameter when it is empty, reversed or too long for the step.
 */
export function span(request: SpanRequest, step: keyof typeof SPANS, now: number, timeZone: string) {
  const limits = SPANS[step]
  const to = request.to === undefined ? now : parameterTime(request.to, timeZone)
  const from = request.from === undefined ? to - limits.default : parameterTime(request.from, timeZone)
  if (from >= to) throw new WrongParameter('from', 'must be before to')
  if (to - from > limits.longest) {
    throw new WrongParameter('from', `lies too far before to: at most ${limits.words} at a time here`)
  }
  return { from, to }
}

/**
 * A query parameter that its schema could not refuse: 400, or 422 of one that takes too much, or 501 of one that a
 * standard has and that is not answered.
 */
export class WrongParameter extends Error {
  override readonly name = 'WrongParameter'
  readonly parameter: string
  readonly allowed: readonly string[] | undefined
  readonly status: 400 | 422 | 501
  constructor(
    parameter: string,
    message: string,
    allowed?: readonly string[],
    status: 400 | 422 | 501 = 400,
  ) {
    super(message)
    this.parameter = parameter
    this.allowed = allowed
    this.status = status
  }
}
