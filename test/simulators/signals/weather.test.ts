import { expect, test } from 'vitest'
import { replayYear } from '../../../simulators/signals/weather.ts'
import { HOUR } from '../territory.ts'

/** Rises by one an hour and falls back, so that every hour is told from its neighbours and the year closes. */
const tent = Float64Array.from({ length: 8760 }, (_, hour) => Math.min(hour, 8760 - hour))
const replay = replayYear(tent)

test.each([2023, 2024, 2100])('no hour of %d is further from the next than the recorded ones', year => {
  for (let time = Date.UTC(year, 0, 1); time <= Date.UTC(year + 1, 0, 2); time += HOUR / 2) {
    expect(Math.abs(replay(time + HOUR / 2) - replay(time))).toBeLessThanOrEqual(0.5 + 1e-9)
  }
})

test('a date is the recorded date, five hours on, in common and in leap years', () => {
  for (const year of [2023, 2024]) {
    expect(replay(Date.UTC(year, 0, 1))).toBe(5)
    expect(replay(Date.UTC(year, 2, 1))).toBe(59 * 24 + 5)
    expect(replay(Date.UTC(year, 11, 31))).toBe(24 - 5)
  }
})

test('steps keep the value of the hour', () => {
  expect(replayYear(tent, true)(Date.UTC(2023, 0, 1, 0, 59))).toBe(5)
})
