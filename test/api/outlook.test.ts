import { expect, test } from 'vitest'
import { roadRegistry } from '../rules/road-station.ts'
import { MINUTE, NOW, reading, startHub } from './hub.ts'

const RULE = `{ id: road, name: { fr: Route, en: Road }, select: { quantity: surface-temperature },
  condition: { type: road-surface }, offDelay: 5min, maxAge: 10min, severity: critical }`
const QUANTITIES = [
  ...(['surface-temperature', 'surface-condition', 'precipitation', 'air-temperature'] as const),
  'relative-humidity' as const,
]

test('the outlook says what is to be expected, that it is modelled, and what is unknown; so do the states', async () => {
  const registry = await roadRegistry(
    [
      ...['col', 'pont'].map((site, i) => ({ site, lat: 44 + i, quantities: QUANTITIES })),
      { site: 'plaine', lat: 46, quantities: ['air-temperature'] },
    ],
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

    const states = await hub.json('/v1/road-states')
    const [from, time] = ['2026-11-21T23:00:00.000Z', '2026-11-22T11:00:00.000Z']
    const place = (site: string) => ({
      ...{ site, siteName: site, road: null, rule: 'road', point: `${site}/meteo/surface-temperature` },
      ...{ unit: 'Cel', unitLabel: '°C' },
    })
    expect(states).toEqual({
      ...{ time, from, unwatched: [{ site: 'plaine', siteName: 'plaine', road: null }] },
      roads: [
        {
          ...{ ...place('col'), state: 'watch', since: time, surface: 1 },
          bands: [
            { from, to: '2026-11-22T10:00:00.000Z', state: 'unknown' },
            { from: '2026-11-22T10:00:00.000Z', to: time, state: 'clear' },
            { from: time, to: time, state: 'watch' },
          ],
        },
        {
          ...{ ...place('pont'), state: 'unknown', since: null, surface: null },
          bands: [{ from, to: time, state: 'unknown' }],
        },
      ],
    })
    expect(await hub.json('/v1/road-states?site=pont')).toEqual({
      ...states,
      ...{ roads: [states.roads[1]], unwatched: [] },
    })
  } finally {
    await hub.close()
  }
})
