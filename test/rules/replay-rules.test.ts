import { expect, test } from 'vitest'
import { HOUR_MS } from '../../model/time.ts'
import { replayRules } from '../../operations/replay-rules.ts'
import { forecastSourceSchema } from '../../registry/forecast-schema.ts'
import { openForecastStore } from '../../store/forecasts.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { closeLater } from '../close-later.ts'
import { FULL_STATION, roadRegistry } from './road-station.ts'
import { MIN, memoryReadings, reading, START } from './territory.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { points: [col/meteo/surface-temperature] },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`

test('a replay knows the forecasts that had been received by then, and none that was issued later', async () => {
  const source = forecastSourceSchema.parse({
    ...{ id: 'meteo', url: 'http://127.0.0.1/', sites: ['col'], staleAfter: '3h' },
  })
  const registry = {
    ...(await roadRegistry([{ site: 'col', lat: 44, quantities: FULL_STATION }], [RULE])),
    forecasts: new Map([['meteo', source]]),
  }
  const forecasts = closeLater(openForecastStore({ file: ':memory:' }))
  const issue = (issued: number, temperature: number) => ({
    ...{ source: 'meteo', site: 'col', issued },
    steps: [0, 9].map(hour => ({
      time: START + hour * HOUR_MS,
      values: { 'air-temperature': temperature },
    })),
  })
  forecasts.add([issue(START - HOUR_MS, 8)], START - HOUR_MS)
  // Its station is silent by then, and unknown for long.
  forecasts.add([issue(START + 70 * MIN, -1)], START + 90 * MIN)
  const values = { 'surface-temperature': 5, 'surface-condition': 'dry', 'air-temperature': 5, fault: false }
  const said = { ...values, 'relative-humidity': 40, precipitation: false, 'precipitation-type': 'none' }
  const stored = Array.from({ length: 10 }, (_, minute) =>
    Object.entries(said).map(([name, value]) => reading(`col/meteo/${name}`, START + minute * MIN, value)),
  ).flat()
  const parts = {
    ...{ registry, clock: { now: () => START, elapsed: () => 0 } },
    readings: async () => memoryReadings(stored),
    records: async () => closeLater(openRecordStore({ file: ':memory:' })),
    forecasts: async () => forecasts,
  }
  const replay = async (from: number, to: number) => {
    const context = { progress() {}, signal: new AbortController().signal }
    const { would } = await replayRules(parts, { from, to }, context)
    return would.map(({ type, phenomenon, time }) => `${(time - from) / MIN} ${type} ${phenomenon}`)
  }
  expect(await replay(START, START + 89 * MIN)).toEqual([])
  expect(await replay(START, START + 3 * HOUR_MS)).toEqual(['90 fired unknown'])
})
