import { expect, test } from 'vitest'
import { fillHoles } from '../../simulators/recordings.ts'
import { recordings } from './territory.ts'

test('nothing is missing in the recordings once they are read', () => {
  const { building, weather } = recordings
  expect(building.electricity).toHaveLength(23_508)
  for (const column of Object.values(weather)) expect(column).toHaveLength(8760)
  const columns = [building.electricity, building.gas, building.temperature, ...Object.values(weather)]
  for (const column of columns) expect(column.every(Number.isFinite)).toBe(true)
})

test('the impossible wind of February is taken for not measured', () => {
  expect(Math.max(...recordings.weather.windSpeed)).toBeLessThan(25)
})

test('holes are bridged by straight lines, across the end as well', () => {
  const { NaN: hole } = Number
  expect([...fillHoles(Float64Array.of(hole, 2, hole, hole, 8, hole))]).toEqual([4, 2, 4, 6, 8, 6])
  expect(() => fillHoles(Float64Array.of(hole))).toThrow('no value')
})
