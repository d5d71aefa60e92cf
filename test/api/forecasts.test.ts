import { expect, test } from 'vitest'
import { type Forecast, forecastBoard } from '../../model/forecast.ts'
import { HOUR_MS } from '../../model/time.ts'
import { forecastSourceSchema } from '../../registry/forecast-schema.ts'
import { openForecastStore } from '../../store/forecasts.ts'
import { roadRegistry } from '../rules/road-station.ts'
import { MINUTE, NOW, startHub } from './hub.ts'

test('forecasts carry their age, stale ones are hidden, and what was issued before can be shown', async () => {
  const source = forecastSourceSchema.parse({
    ...{ id: 'meteo', url: 'https://meteo.example/', sites: ['col', 'pont'], staleAfter: '2h' },
    name: { fr: 'Météo simulée', en: 'Simulated weather' },
  })
  const registry = {
    ...(await roadRegistry(
      ['col', 'pont'].map((site, i) => ({ site, lat: 44 + i, quantities: ['air-temperature'] })),
      [],
    )),
    forecasts: new Map([['meteo', source]]),
  }
  const issue = (site: string, minutesAgo: number): Forecast => ({
    ...{ source: 'meteo', site, issued: NOW - minutesAgo * MINUTE },
    steps: [{ time: NOW, values: { 'air-temperature': -minutesAgo, 'precipitation-rate': 0.2 } }],
  })
  const store = openForecastStore({ file: ':memory:' })
  expect(store.add([issue('col', 150), issue('pont', 121)], NOW - 2 * HOUR_MS)).toBe(true)
  expect(store.add([issue('col', 90)], NOW - HOUR_MS)).toBe(true)
  expect(store.add([issue('col', 90)], NOW)).toBe(false)
  const board = forecastBoard(() => source.staleAfter)
  board.put(store.latest())
  const states = new Map([['meteo', { asked: NOW - MINUTE, problem: 'the answer answers 503' }]])
  const hub = await startHub({ registry, forecasts: { board, states }, forecastStore: store })
  try {
    const step = (airTemperature: number) => ({
      time: '2026-11-22T11:00:00.000Z',
      ...{ surfaceTemperature: null, airTemperature, dewPoint: null, precipitationRate: 0.2 },
    })
    const answer = await hub.json('/v1/forecasts')
    expect(answer).toEqual({
      time: '2026-11-22T11:00:00.000Z',
      sources: [
        {
          ...{
            id: 'meteo',
            name: { fr: 'Météo simulée', en: 'Simulated weather' },
            sites: ['col', 'pont'],
            staleAfterSeconds: 7200,
          },
          ...{ asked: '2026-11-22T10:59:00.000Z', problem: 'the answer answers 503' },
        },
      ],
      forecasts: [
        {
          ...{ source: 'meteo', site: 'col', issued: '2026-11-22T09:30:00.000Z', ageSeconds: 5400 },
          steps: [step(-90)],
        },
      ],
      hidden: [{ source: 'meteo', site: 'pont', issued: '2026-11-22T08:59:00.000Z', ageSeconds: 7260 }],
    })
    expect((await hub.json('/v1/forecasts?site=pont')).forecasts).toEqual([])
    const { issued } = await hub.json('/v1/forecasts/issued?site=col')
    expect(issued.map((each: { steps: unknown }) => each.steps)).toEqual([[step(-150)], [step(-90)]])
    const hourly = Array.from({ length: 49 }, (_, hour) => NOW + (hour - 24) * HOUR_MS)
    board.put([{ ...issue('col', 0), steps: hourly.map(time => ({ time, values: { 'dew-point': 1 } })) }])
    const [shown] = (await hub.json('/v1/forecasts?hours=2')).forecasts
    expect(shown.steps.map(({ time }: { time: string }) => (Date.parse(time) - NOW) / HOUR_MS)).toEqual([
      ...[-2, -1, 0, 1, 2],
    ])
    store.forget('meteo', NOW - 100 * MINUTE)
    expect((await hub.json('/v1/forecasts/issued?site=col')).issued).toHaveLength(1)
  } finally {
    await hub.close()
    store.close()
  }
})
