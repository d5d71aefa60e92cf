import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForecastValues } from '../../model/forecast.ts'
import { roadOutlook, surfaceAfter, trendOf } from '../../model/road-outlook.ts'
import type { RoadEvidence, RoadMargins } from '../../model/road-state.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'

const MARGINS: RoadMargins = { watch: 1, clear: 0.5, hoar: 0.5, dew: 1 }
const RULE = { margins: MARGINS, hoarAfter: 30 * MINUTE_MS }

/** A wet road at so many °C in dry air, and what else is known of it. */
const wet = (surface: number, more: Partial<RoadEvidence> = {}): RoadEvidence => ({
  ...{ surface, freezing: undefined, falling: undefined, moist: true, precipitation: false },
  ...{ dewPoint: -10, frostPoint: -9, condition: undefined, precipitationType: undefined },
  ...more,
})
/** The last hour of a surface that is now at so many °C and has cooled by so many K. */
const cooling = (surface: number, by: number, minutes = 60) =>
  Array.from({ length: minutes + 1 }, (_, i) => ({
    time: i * MINUTE_MS,
    value: surface + (by * (minutes - i)) / 60,
  }))
const outlook = (
  evidence: RoadEvidence,
  by: number,
  minutes?: number,
  more: Pick<Parameters<typeof roadOutlook>[0], 'ahead'> = {},
) => roadOutlook({ evidence, samples: cooling(evidence.surface!, by, minutes), ...RULE, ...more })

describe('the surface ahead', () => {
  // 2 h · (1 − e^(−t/2 h)): 0.787 h, 1.264 h, 1.554 h.
  test.each([
    [1, 3 - 0.787],
    [2, 3 - 1.264],
    [3, 3 - 1.554],
  ])('at 3 °C, having cooled by 1 K/h, after %d h', (hours, expected) => {
    expect(surfaceAfter(3, -1 / HOUR_MS, hours * HOUR_MS)).toBeCloseTo(expected, 3)
  })

  test('never goes further than the trend would undamped, nor the other way', () => {
    const kelvin = fc.double({ min: -5, max: 5, noNaN: true })
    fc.assert(
      fc.property(kelvin, fc.integer({ min: 0, max: 36 }), (perHour, steps) => {
        const after = steps * 5 * MINUTE_MS
        const change = surfaceAfter(0, perHour / HOUR_MS, after)
        expect(Math.abs(change)).toBeLessThanOrEqual(Math.abs((perHour * after) / HOUR_MS) + 1e-12)
        expect(change * perHour).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('the trend is that of the least squares, and is not told from less than 45 minutes', () => {
    const samples = [0, 30, 60].map((minutes, i) => ({ time: minutes * MINUTE_MS, value: [2, 1, 3][i]! }))
    expect(trendOf(samples)! * HOUR_MS).toBeCloseTo(1, 9)
    expect(trendOf(cooling(1, 2))! * HOUR_MS).toBeCloseTo(-2, 9)
    expect(trendOf(cooling(1, 2, 44))).toBeUndefined()
    expect(trendOf([])).toBeUndefined()
  })
})

describe('ice', () => {
  test('is expected when a wet road will have cooled to freezing', () => {
    // 1 K at 1 K/h: −2 h · ln(1 − 1/2) is 83 minutes.
    expect(outlook(wet(1), 1)).toEqual({
      ...{ state: 'expected', danger: 'ice', after: 85 * MINUTE_MS },
      lowest: expect.closeTo(-0.02, 1),
    })
  })

  test.each<[string, RoadEvidence, number, string]>([
    ['a road that stays above freezing', wet(2), 1, 'none'],
    ['a road that warms up', wet(1), -1, 'none'],
    ['a dry road', wet(1, { moist: false }), 1, 'none'],
    ['a salted road above the freezing point of its brine', wet(1, { freezing: -4 }), 1, 'none'],
    ['rain on a dry road', wet(1, { moist: false, precipitation: true }), 1, 'expected'],
    ['dew that will freeze', wet(2, { moist: false, dewPoint: 0.5, frostPoint: 0.5 }), 2, 'expected'],
    ['moisture that nobody knows', wet(1, { moist: undefined }), 1, 'unknown'],
    ['moisture that nobody knows, far from freezing', wet(9, { moist: undefined }), 1, 'none'],
    ['an unknown surface', wet(1, { surface: undefined }), 1, 'unknown'],
  ])('%s: %#', (_, evidence, by, expected) => {
    const samples = cooling(evidence.surface ?? 1, by)
    expect(roadOutlook({ evidence, samples, ...RULE }).state).toBe(expected)
  })

  test('is unknown where too little of the past is known', () => {
    expect(outlook(wet(1), 1, 30)).toEqual({ state: 'unknown' })
  })
})

describe('hoar', () => {
  const dry = (surface: number, more: Partial<RoadEvidence> = {}) =>
    wet(surface, { moist: false, dewPoint: -1.5, frostPoint: -1.3, ...more })

  test('is expected when a dry road will have been under the frost point for half an hour', () => {
    // 2.8 K at 2 K/h takes −2 h · ln(1 − 0.7), 145 minutes.
    expect(outlook(dry(1), 2)).toMatchObject({ state: 'expected', danger: 'hoar', after: 175 * MINUTE_MS })
    expect(outlook(dry(1), 1).state).toBe('none')
  })

  test('counts what is cold enough already', () => {
    expect(outlook(dry(-2), 0)).toMatchObject({ state: 'expected', danger: 'hoar', after: 30 * MINUTE_MS })
  })

  test('is unknown where the moisture of the air is', () => {
    expect(outlook(dry(1, { dewPoint: undefined, frostPoint: undefined }), 2).state).toBe('unknown')
  })
})

describe('a fresh forecast', () => {
  const air = (perHour: number, more: ForecastValues = {}) => ({
    ahead: (after: number) => ({ 'air-temperature': 4 + (perHour * after) / HOUR_MS, ...more }),
  })

  test('takes over from the trend, by its own change', () => {
    // Two thirds of the way: (1/3) · (2 − 1.264) + (2/3) · (2 − 3·2), the first of them under 0 °C after 95 minutes.
    expect(outlook(wet(2), 1).state).toBe('none')
    expect(outlook(wet(2), 1, 60, air(-3))).toMatchObject({ state: 'expected', danger: 'ice' })
    expect(outlook(wet(1), 1, 60, air(3)).state).toBe('none')
  })

  test('wets a road that is dry where it lets rain fall, not where it lets snow fall', () => {
    const cold = wet(-2, { moist: false })
    const falls = (temperature: number) => ({
      ahead: () => ({ 'air-temperature': temperature, 'precipitation-rate': 1 }),
    })
    expect(outlook(cold, 0).state).toBe('none')
    expect(outlook(cold, 0, 60, falls(2))).toMatchObject({ state: 'expected', danger: 'ice' })
    expect(outlook(cold, 0, 60, falls(-2)).state).toBe('none')
  })
})
