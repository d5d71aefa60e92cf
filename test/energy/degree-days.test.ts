import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coolingDegrees, degreeDays, heatingDegrees, hoursNeeded } from '../../energy/degree-days.ts'
import { HOUR_MS } from '../../model/time.ts'

test.each([
  [5, 10, 10.5, 0],
  [12, 22, 1.992, 0.992],
  [17, 19, 0.29, 0.29],
  [18, 30, 0, 6],
  [18, 18, 0, 0],
])(
  'between %d and %d °C, of a threshold of 18 °C, heating is %d and cooling %d',
  (min, max, heating, cooling) => {
    expect(heatingDegrees({ min, max }, 18)).toBeCloseTo(heating, 9)
    expect(coolingDegrees({ min, max }, 18)).toBeCloseTo(cooling, 9)
  },
)

const temperature = fc.double({ min: -40, max: 50, noNaN: true })
const day = fc.tuple(temperature, temperature).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }))

test('no degree-day is negative, and cooling is the heating of the mirrored day', () => {
  fc.assert(
    fc.property(day, temperature, (extremes, threshold) => {
      const cooling = coolingDegrees(extremes, threshold)
      expect(heatingDegrees(extremes, threshold)).toBeGreaterThanOrEqual(0)
      expect(cooling).toBeGreaterThanOrEqual(0)
      fc.pre(threshold !== extremes.max && threshold !== extremes.min)
      const mirrored = { min: -extremes.max, max: -extremes.min }
      expect(heatingDegrees(mirrored, -threshold)).toBeCloseTo(cooling, 9)
    }),
  )
})

test('a day below the threshold that is a degree colder has one degree-day more', () => {
  fc.assert(
    fc.property(day, temperature, (extremes, threshold) => {
      fc.pre(threshold > extremes.max)
      const heating = heatingDegrees(extremes, threshold)
      const colder = { min: extremes.min - 1, max: extremes.max - 1 }
      expect(heatingDegrees(colder, threshold)).toBeCloseTo(heating + 1, 9)
    }),
  )
})

/** 10 °C in every hour that a date is judged by, but for what is said of one. */
function steady(date: string, changed: Record<number, { min: number; max: number } | null> = {}) {
  const { start, end } = hoursNeeded(date)
  return Array.from({ length: (end - start) / HOUR_MS }, (_, hour) => {
    const { min, max } =
      changed[hour] === null ? { min: null, max: null } : (changed[hour] ?? { min: 10, max: 10 })
    return { start: start + hour * HOUR_MS, min, max }
  })
}

test('a date is judged from 18:00 UTC the day before to 06:00 UTC the day after', () => {
  expect(hoursNeeded('2026-01-15')).toEqual({
    start: Date.parse('2026-01-14T18:00Z'),
    end: Date.parse('2026-01-16T06:00Z'),
  })
})

test('the minimum ends at 18:00 UTC, and the maximum begins at 06:00 UTC', () => {
  const heating = (hour: number, change: { min: number; max: number }) =>
    degreeDays(['2026-01-15'], steady('2026-01-15', { [hour]: change }))[0]!.heating
  const [frost, sun] = [
    { min: 0, max: 10 },
    { min: 10, max: 16 },
  ]
  expect([0, 23, 24, 35].map(hour => heating(hour, frost))).toEqual([13, 13, 8, 8])
  expect([0, 11, 12, 35].map(hour => heating(hour, sun))).toEqual([8, 8, 5, 5])
})

test('a day that misses any of its hours has no figure, and its neighbours have theirs', () => {
  for (let hour = 0; hour < 36; hour++) {
    const gone = degreeDays(['2026-01-15'], steady('2026-01-15', { [hour]: null }))
    expect(gone).toEqual([{ date: '2026-01-15', heating: null, cooling: null, hours: 35 }])
  }
  expect(degreeDays(['2026-01-15', '2026-01-17'], steady('2026-01-15'))).toEqual([
    { date: '2026-01-15', heating: 8, cooling: 0, hours: 36 },
    { date: '2026-01-17', heating: null, cooling: null, hours: 0 },
  ])
})

test('the threshold is a parameter', () => {
  expect(degreeDays(['2026-01-15'], steady('2026-01-15'), 15)[0]!.heating).toBe(5)
})
