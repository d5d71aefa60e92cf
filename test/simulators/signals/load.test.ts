import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accumulate, INSTALLED, PEAK } from '../../../simulators/signals/load.ts'
import { type Month, replayMonths } from '../../../simulators/signals/months.ts'
import { uniform } from '../../../simulators/signals/random.ts'
import { DAY, HOUR, recordings } from '../territory.ts'

const months = replayMonths(recordings.building, () => 10, 'Europe/Paris')

/** From nothing to a hundred an hour, with hours of nothing and hours of next to nothing. */
const use = (month: Month, hour: number) => {
  const share = uniform(1, month.start / HOUR + hour)
  return share < 0.2 ? 0 : share < 0.3 ? 1e-9 : 100 * share
}
const load = accumulate(months, use, 3)

const instant = fc.integer({ min: INSTALLED, max: INSTALLED + 8 * 366 * DAY })

test('the total never falls, not even by a rounding', () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 * HOUR }))
  fc.assert(
    fc.property(instant, step, (time, by) => {
      expect(load.total(time + by)).toBeGreaterThanOrEqual(load.total(time))
    }),
    { numRuns: 5000 },
  )
})

test('each hour amounts to its use', () => {
  fc.assert(
    fc.property(instant, time => {
      const hour = Math.floor(time / HOUR) * HOUR
      const month = months(hour)
      const amount = load.total(hour + HOUR) - load.total(hour)
      expect(amount).toBeCloseTo(use(month, (hour - month.start) / HOUR), 6)
    }),
  )
})

test('the rate is the derivative of the total, and never negative', () => {
  fc.assert(
    fc.property(instant, time => {
      // Both instants lie in one hour.
      const at = Math.floor(time / HOUR) * HOUR + ((time % HOUR) * 0.99 + HOUR / 200)
      const slope = (load.total(at + 1000) - load.total(at - 1000)) / (2000 / HOUR)
      expect(load.rate(at)).toBeGreaterThanOrEqual(0)
      expect(load.rate(at)).toBeLessThanOrEqual(PEAK * 100)
      expect(Math.abs(load.rate(at) - slope)).toBeLessThan(0.01)
    }),
  )
})

test('nothing flows before the meter was installed', () => {
  expect(load.total(INSTALLED - 1)).toBe(0)
  expect(load.rate(INSTALLED - 1)).toBe(0)
})

test('an hour is replayed by a recorded hour of its weekday, its time of day and about its month', () => {
  const recorded = new Date(recordings.building.start)
  fc.assert(
    fc.property(instant, fc.nat(2), (time, variant) => {
      const month = months(time)
      const hour = Math.floor((time - month.start) / HOUR)
      const local = Temporal.Instant.fromEpochMilliseconds(month.start + hour * HOUR).toZonedDateTimeISO(
        'Europe/Paris',
      )
      const replayed = new Date(recorded.getTime() + month.recorded[variant]![hour]! * HOUR)
      expect(replayed.getUTCHours()).toBe(local.hour)
      expect(replayed.getUTCDay()).toBe(local.dayOfWeek % 7)
      const apart = Math.abs(replayed.getUTCMonth() + 1 - local.month)
      expect(Math.min(apart, 12 - apart)).toBeLessThanOrEqual(2)
      expect(month.hourOfDay[hour]).toBe(local.hour)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['2026-03-28T22:00:00Z', [23, 0, 1, 3, 4]],
  ['2026-10-24T22:00:00Z', [0, 1, 2, 2, 3]],
])('local hours from %s on', (start, hours) => {
  const month = months(Date.parse(start))
  const first = (Date.parse(start) - month.start) / HOUR
  expect([...month.hourOfDay.subarray(first, first + 5)]).toEqual(hours)
})
