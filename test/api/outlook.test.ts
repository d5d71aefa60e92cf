import { expect, test } from 'vitest'
import { roadRegistry } from '../rules/road-station.ts'
import { MINUTE, NOW, reading, startHub } from './hub.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { quantity: surface-temperature },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`
const QUANTITIES = [
  ...(['surface-temperature', 'surface-condition', 'precipitation', 'air-temperature'] as const),
  'relative-humidity' as const,
]

test('the outlook says what is to be expected, that it is modelled, and what is unknown', async () => {
  const registry = await roadRegistry(
    ['col', 'pont'].map((site, i) => ({ site, lat: 44 + i, quantities: QUANTITIES })),
    [RULE],
  )
  const hub = await startHub({ registry })
  try {
    const said = { 'surface-condition': 'wet', precipitation: false, 'relative-humidity': 60 }
    for (let minute = -60; minute <= 0; minute++) {
      const time = NOW + minute * MINUTE
      const values = { ...said, 'surface-temperature': 1 - minute / 60, 'air-temperature': 3 }
      await hub.store(
        ...Object.entries(values).map(([name, value]) => reading(`col/meteo/${name}`, time, value)),
      )
    }
    const answer = await hub.json('/v1/outlook')
    expect(answer).toEqual({
      time: '2026-11-22T11:00:00.000Z',
      until: '2026-11-22T14:00:00.000Z',
      basis: 'modelled-surface',
      roads: [
        {
          ...{ site: 'col', siteName: 'col', road: null, point: 'col/meteo/surface-temperature' },
          ...{ unit: 'Cel', unitLabel: '°C', state: 'expected', danger: 'ice', surface: 1 },
          ...{ at: '2026-11-22T12:25:00.000Z', lowest: expect.closeTo(0, 1) },
        },
        {
          ...{ site: 'pont', siteName: 'pont', road: null, point: 'pont/meteo/surface-temperature' },
          ...{ unit: 'Cel', unitLabel: '°C', state: 'unknown', danger: null, at: null },
          ...{ surface: null, lowest: null },
        },
      ],
    })
    expect((await hub.json('/v1/outlook?site=pont')).roads).toEqual([answer.roads[1]])
    expect((await hub.get('/v1/outlook?site=lune')).status).toBe(400)
  } finally {
    await hub.close()
  }
})
