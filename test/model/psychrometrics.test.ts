import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dewPoint, frostPoint, relativeHumidity } from '../../model/psychrometrics.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'

test.each([
  [-5, 85, -7.131, -6.888],
  [0, 80, -3.039, -2.683],
])('at %d °C and %d %% the dew point is %d and the frost point %d', (air, humidity, dew, frost) => {
  expect(dewPoint(air, humidity)).toBeCloseTo(dew, 3)
  expect(frostPoint(air, humidity)).toBeCloseTo(frost, 3)
})

const air = fc.double({ min: -40, max: 45, noNaN: true })
const humidity = fc.double({ min: 5, max: 100, noNaN: true })

test('relative humidity from air temperature and dew point is the one the dew point came from', () => {
  fc.assert(
    fc.property(air, humidity, (t, rh) => {
      expect(relativeHumidity(t, dewPoint(t, rh))).toBeCloseTo(rh, 8)
    }),
  )
})

test('saturated air is at its own dew and frost point; drier air lies above both', () => {
  fc.assert(
    fc.property(air, humidity, (t, rh) => {
      expect(dewPoint(t, 100)).toBeCloseTo(t, 9)
      expect(frostPoint(t, 100)).toBeCloseTo(t, 6)
      expect(dewPoint(t, rh)).toBeLessThanOrEqual(t + 1e-9)
      expect(frostPoint(t, rh)).toBeLessThanOrEqual(t + 1e-6)
    }),
  )
})

describe.runIf(findPeer('scipy'))('beside PsychroLib', () => {
  test('the frost point is the same, from deep frost to heat, over ice and over water', () => {
    const states = Array.from({ length: 18 }, (_, step) => step * 5 - 40).flatMap(t =>
      [5, 20, 50, 80, 97, 100].map(rh => [t, rh] as const),
    )
    const script = join(import.meta.dirname, '../peers/python/psychrometrics.py')
    const input = JSON.stringify(states)
    const theirs: number[] = JSON.parse(execFileSync(peerProgram('scipy'), [script], { input }).toString())
    expect(theirs.filter(temperature => temperature < 0).length).toBeGreaterThan(30)
    for (const [at, [t, rh]] of states.entries()) expect(frostPoint(t, rh)).toBeCloseTo(theirs[at]!, 2)
  })
})
