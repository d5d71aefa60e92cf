import { expect, test } from 'vitest'
import type { Alert } from '../../model/alert.ts'
import type { QuantityName } from '../../model/quantity.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { ROAD_HISTORY_MS } from '../../model/road-history.ts'
import { openRoadStates } from '../../rules/road-states.ts'
import { FULL_STATION, roadRegistry } from './road-station.ts'
import { MIN, memoryReadings, START, testClock } from './territory.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { quantity: surface-temperature },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`
const SURFACE = 'col/meteo/surface-temperature'

type Weather = Partial<Record<QuantityName, Value>>
const DRY: Weather = {
  ...{
    'surface-temperature': 5,
    'surface-condition': 'dry',
    precipitation: false,
    'precipitation-type': 'none',
  },
  ...{ 'air-temperature': 5, 'relative-humidity': 40, 'freezing-temperature': null, fault: false },
}
const ICY: Weather = { ...DRY, 'surface-temperature': -1, 'surface-condition': 'wet' }

async function road() {
  const registry = await roadRegistry([{ site: 'col', lat: 44, quantities: FULL_STATION }], [RULE])
  const clock = testClock()
  const stored: Reading[] = []
  const live: Alert[] = []
  const records = { eventsOfAlertsLiveAt: () => live.map(alert => ({ event: { alert } })) as never }
  const states = openRoadStates({ registry, readings: memoryReadings(stored), records, clock })
  return {
    clock,
    stored,
    live,
    /** What the station says, minute by minute, from now on; nothing where it is silent. */
    say(minutes: number, weather: Weather = {}) {
      for (let i = 0; i < minutes; i++) {
        const time = clock.now()
        for (const [name, value] of Object.entries(weather))
          stored.push({
            ...{ point: `col/meteo/${name}`, time, value, gatewayTime: time },
            quality: value === null ? 'bad:timeout' : 'good',
          })
        clock.advance(MIN)
      }
    },
    read: async () => (await states.read()).roads[0]!,
    /** The states in short: minutes since the start, and which. */
    spans: async () =>
      (await states.read()).roads[0]!.spans.map(({ start, state }) => [(start - START) / MIN, state]),
  }
}

test('a road is clear only as long as its station says so: silent, it is unknown', async () => {
  const { say, spans, read } = await road()
  say(60, DRY)
  say(60)
  expect(await spans()).toEqual([
    [120 - 720, 'unknown'],
    [0, 'clear'],
    // The rule takes a reading for true for ten minutes.
    [59 + 11, 'unknown'],
  ])
  expect((await read()).surface).toBeUndefined()
})

test('ice, and what is watched until it is cleared, are told from and to the minute', async () => {
  const { say, spans, read } = await road()
  say(30, DRY)
  say(60, ICY)
  say(40, DRY)
  expect(await spans()).toEqual([
    [130 - 720, 'unknown'],
    [0, 'clear'],
    [30, 'ice'],
    [90, 'watch'],
    [105, 'clear'],
  ])
  const { spans: all, surface, rule, point } = await read()
  expect({ rule, point, surface }).toEqual({ rule: 'road', point: SURFACE, surface: 5 })
  expect(all.slice(1).map(({ start }) => start)).toEqual(all.slice(0, -1).map(({ end }) => end))
  expect(all.at(-1)!.end - all[0]!.start).toBe(ROAD_HISTORY_MS)
})

test('a station that says nothing at all, or only what is faulty, is unknown, never clear', async () => {
  const { say, spans, clock } = await road()
  expect(await spans()).toEqual([[-720, 'unknown']])
  say(30, { ...DRY, 'surface-temperature': null })
  expect(await spans()).toEqual([[30 - 720, 'unknown']])
  say(30, { ...DRY, fault: true })
  clock.advance(MIN)
  expect(await spans()).toEqual([[61 - 720, 'unknown']])
})

test('what came late counts at its own time, and what is fresh is not worked out again', async () => {
  const { say, spans, stored, clock } = await road()
  say(60, DRY)
  const late = stored.splice(0, stored.length)
  clock.advance(5 * MIN)
  expect((await spans()).map(([, state]) => state)).toEqual(['unknown'])
  stored.push(...late)
  expect((await spans()).map(([, state]) => state)).toEqual(['unknown'])
  clock.advance(MIN)
  expect((await spans()).slice(1)).toEqual([[0, 'clear']])
})

test('a danger of before that nothing has cleared since is not clear', async () => {
  const { say, spans, live } = await road()
  const since = START - 2 * ROAD_HISTORY_MS
  live.push({ rule: 'road', point: SURFACE, since, phenomenon: 'ice' } as Alert)
  say(20, { ...DRY, 'surface-temperature': -0.5 })
  expect((await spans()).at(-1)![1]).toBe('watch')
  say(20, { ...DRY, 'surface-temperature': -0.5 })
  expect((await spans()).at(-1)![1]).toBe('clear')
})
