import { expect, test } from 'vitest'
import { conversion, type Unit } from '../../model/units.ts'

test.each<[number, Unit, number, Unit]>([
  [1500, 'W', 1.5, 'kW'],
  [0.3, 'km', 300, 'm'],
  [2.5, 'mm', 0.0025, 'm'],
  [25, 'm/s', 90, 'km/h'],
  [0.1, 'Cel', 273.25, 'K'],
  [7, 'L', 0.007, 'm3'],
])('%f %s is %f %s, and back', (value, from, same, to) => {
  expect(conversion(from, to)!(value)).toBeCloseTo(same, 12)
  expect(conversion(to, from)!(same)).toBeCloseTo(value, 12)
})

test('what measures something else is never converted', () => {
  expect(conversion('Cel', 'kW')).toBeUndefined()
  expect(conversion('kV.A', 'kV.A{reactive}')).toBeUndefined()
  expect(conversion('1', '%')).toBeUndefined()
})
