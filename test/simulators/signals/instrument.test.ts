import { expect, test } from 'vitest'
import { showIndex, showMeasure } from '../../../simulators/signals/instrument.ts'
import { INSTALLED } from '../../../simulators/signals/load.ts'
import { DAY, HOUR, registry } from '../territory.ts'

const hours = (time: number) => Math.max(0, (time - INSTALLED) / HOUR)

test('an index counts whole steps and rolls over at its last digit', () => {
  const meter = registry.meters.get('college-eau')!
  const steady = { total: hours, rate: () => 1 }
  const signal = showIndex(meter.point!, steady, 1, { ...meter, digits: 4, resolution: 0.1 })
  const seen = Array.from({ length: 3000 }, (_, hour) => signal(INSTALLED + hour * HOUR) as number)
  expect(Math.max(...seen)).toBe(999)
  const falls = seen.filter((value, at) => at > 0 && value < seen[at - 1]!)
  expect(falls).toHaveLength(3)
  expect(seen.every(value => value === Number(value.toFixed(1)))).toBe(true)
})

test('an index stands where years of service before the installation have brought it', () => {
  const meter = registry.meters.get('college-eau')!
  const start = showIndex(meter.point!, { total: hours, rate: () => 1 }, 1, meter)(INSTALLED) as number
  expect(start).toBeGreaterThan(365 * 24 * 0.5)
  expect(start).toBeLessThan(365 * 24 * 4)
})

test('a measure is rounded and stays within the range of its point', () => {
  const point = registry.points.get('station/meteo/humidity')!
  const course = (time: number) => 40.06 + (time / DAY) * 100
  expect(showMeasure(point, course)(0)).toBe(40.1)
  expect(showMeasure(point, course)(DAY)).toBe(100)
  expect(showMeasure(point, course)(-DAY)).toBe(0)
})
