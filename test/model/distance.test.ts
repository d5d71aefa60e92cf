import { expect, test } from 'vitest'
import { distanceKm } from '../../model/distance.ts'

test('a degree of a meridian, and of a parallel at 60°, which is half of it', () => {
  const degree = (2 * Math.PI * 6371.0088) / 360
  expect(distanceKm({ lat: 44, lon: 6 }, { lat: 45, lon: 6 })).toBeCloseTo(degree, 6)
  expect(distanceKm({ lat: 60, lon: 6 }, { lat: 60, lon: 7 })).toBeCloseTo(degree / 2, 2)
  expect(distanceKm({ lat: 44, lon: 179.5 }, { lat: 44, lon: -179.5 })).toBeCloseTo(
    degree * Math.cos((44 * Math.PI) / 180),
    2,
  )
  expect(distanceKm({ lat: 44, lon: 6 }, { lat: 44, lon: 6 })).toBe(0)
})
