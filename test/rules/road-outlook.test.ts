import { expect, test } from 'vitest'
import type { QualityCode } from '../../model/quality.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { openOutlooks } from '../../rules/road-outlook.ts'
import { FULL_STATION, roadRegistry } from './road-station.ts'
import { MIN, memoryReadings, START, testClock } from './territory.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { quantity: surface-temperature },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`

type Weather = Partial<Record<QuantityName, Value>>
const WET: Weather = {
  ...{ 'surface-condition': 'wet', precipitation: false, 'precipitation-type': 'none' },
  ...{ 'air-temperature': 3, 'relative-humidity': 60, 'freezing-temperature': null, fault: false },
}

async function road() {
  const registry = await roadRegistry([{ site: 'col', lat: 44, quantities: FULL_STATION }], [RULE])
  const clock = testClock()
  const stored: Reading[] = []
  const outlooks = openOutlooks({ registry, readings: memoryReadings(stored), clock })
  return {
    clock,
    stored,
    /** So many minutes of a surface that cools by so many K an hour. */
    cool(minutes: number, from: number, perHour: number, more: Weather = {}, quality: QualityCode = 'good') {
      for (let i = 0; i < minutes; i++) {
        const time = clock.now()
        const values = { ...WET, 'surface-temperature': from - (perHour * i) / 60, ...more }
        for (const [name, value] of Object.entries(values))
          stored.push({
            ...{ point: `col/meteo/${name}`, time, value, gatewayTime: time },
            quality: value === null ? 'bad:timeout' : quality,
          })
        clock.advance(MIN)
      }
    },
    outlook: async () => (await outlooks.read()).outlooks[0]!,
  }
}

test('ice is expected on a wet road that cools, with when', async () => {
  const { cool, outlook } = await road()
  cool(61, 2, 1)
  const { at, ...expected } = await outlook()
  expect(expected).toEqual({
    ...{ point: 'col/meteo/surface-temperature', state: 'expected', danger: 'ice', surface: 1 },
    lowest: expect.closeTo(0, 0),
  })
  expect(at).toBe(START + (61 + 85) * MIN)
})

test('what is there already is not expected any more', async () => {
  const { cool, outlook } = await road()
  cool(90, 0.5, 1)
  expect(await outlook()).toMatchObject({ state: 'now', danger: 'ice' })
})

test('what is stale, faulty or uncertain is unknown, and never none', async () => {
  const { cool, outlook, clock } = await road()
  cool(90, 8, 0)
  expect((await outlook()).state).toBe('none')
  clock.advance(15 * MIN)
  expect(await outlook()).toEqual({ point: 'col/meteo/surface-temperature', state: 'unknown' })
  cool(60, 8, 0, { fault: true })
  expect((await outlook()).state).toBe('unknown')
  cool(60, 8, 0, {}, 'uncertain:uncertain-source')
  expect((await outlook()).state).toBe('unknown')
})

test('it is worked out anew after half a minute', async () => {
  const { cool, outlook, stored, clock } = await road()
  cool(90, 8, 0)
  const before = await outlook()
  stored.length = 0
  expect(await outlook()).toBe(before)
  clock.advance(MIN / 2)
  expect((await outlook()).state).toBe('unknown')
})
