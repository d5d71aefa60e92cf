import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { latestOf, staleAfter } from '../../api/readings/latest.ts'
import { toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { silentLog, temporaryFolder } from '../bus/fixtures.ts'
import { until } from '../e2e/until.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, reading, startHub } from './hub.ts'

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
  await hub.store(
    reading('college/elec/power', NOW - 20_000, 11.5),
    reading('college/elec/power', NOW - 10_000, null, 'bad:timeout'),
    reading('gymnase/air/temperature', NOW - 29 * MINUTE, 19.2, 'uncertain:clock'),
    ...[0, 1, 2, 3].map(i => reading('college/elec/index', NOW - 60 * MINUTE + i * 10_000, 100.25 + i)),
  )
  hub.keep(alertEvent('fired', frostAlert()))
})
afterAll(() => hub.close())

describe('what is known now', () => {
  it('is stale, bad or missing without a value, and current with one', async () => {
    const { time, points } = await hub.json('/v1/points/latest')
    expect(time).toBe('2026-11-22T11:00:00.000Z')
    const isDerived = ({ point }: { point: string }) => point.includes('/hub/')
    expect(points.filter(isDerived)).toContainEqual(
      expect.objectContaining({ point: 'gymnase/hub/missing-data', status: 'missing', unit: '%' }),
    )
    expect(points.filter((each: { point: string }) => !isDerived(each))).toEqual([
      {
        point: 'college/elec/index',
        site: 'college',
        unit: 'kW.h',
        unitLabel: 'kWh',
        status: 'stale',
        value: null,
        ageMs: 60 * MINUTE - 30_000,
        reading: { time: '2026-11-22T10:00:30.000Z', value: 103.25, quality: 'good' },
      },
      expect.objectContaining({ point: 'college/elec/power', status: 'bad', value: null, ageMs: 10_000 }),
      expect.objectContaining({
        point: 'gymnase/air/temperature',
        unitLabel: '°C',
        status: 'current',
        value: 19.2,
        reading: expect.objectContaining({ quality: 'uncertain:clock' }),
      }),
    ])
    const ofSite = await hub.json('/v1/points/latest?site=gymnase')
    const ids: string[] = ofSite.points.map((latest: { point: string }) => latest.point)
    expect(ids.filter(id => !id.includes('/hub/'))).toEqual(['gymnase/air/temperature'])
    expect(ids.filter(id => !id.startsWith('gymnase/'))).toEqual([])
  })

  it('is not what a clock that ran ahead said, but what has come since it was set right', async () => {
    const ahead = await startHub()
    await ahead.store(reading('college/elec/power', NOW + 365 * 24 * 60 * MINUTE, 99))
    const power = async () => (await ahead.json('/v1/points/latest?site=college')).points[1]
    expect(await power()).toMatchObject({ point: 'college/elec/power', status: 'stale', value: null })
    await ahead.store(reading('college/elec/power', NOW - 10_000, 12))
    expect(await power()).toMatchObject({ status: 'current', value: 12, ageMs: 10_000 })
    await ahead.close()
  })

  it('a point is stale after three intervals, and after a minute at least', () => {
    expect(staleAfter(10_000)).toBe(60_000)
    expect(staleAfter(10 * MINUTE)).toBe(30 * MINUTE)
    const point = hub.registry.points.get('gymnase/air/temperature')!
    const status = (age: number) => latestOf(point, reading(point.id, NOW - age, 20), NOW).status
    expect([status(30 * MINUTE), status(30 * MINUTE + 1)]).toEqual(['current', 'stale'])
    expect(latestOf(point, undefined, NOW)).toMatchObject({ status: 'missing', value: null, reading: null })
  })

  it('a site is normal only when every point is known and nothing fires', async () => {
    const { sites } = await hub.json('/v1/sites')
    expect(sites).toMatchObject([
      {
        id: 'college',
        state: 'unknown',
        unknownPoints: 2,
        activeAlerts: 0,
        worstSeverity: null,
        fluids: ['electricite'],
      },
      {
        id: 'gymnase',
        state: 'alert',
        unknownPoints: 0,
        activeAlerts: 1,
        worstSeverity: 'warning',
        fluids: ['electricite'],
      },
    ])
    const gymnase = await hub.json('/v1/sites/gymnase')
    expect(gymnase).toMatchObject({
      pointCount: 1,
      points: [{ quantity: 'indoor-temperature' }],
      alerts: [{ id: 'gel-1' }],
    })
    expect(gymnase.meters[0].allocations).toContainEqual({
      site: 'gymnase',
      share: 0.25,
      from: null,
      to: null,
    })
  })
})

describe('readings', () => {
  const path = '/v1/points/college/elec/index/readings'

  it('come in pages that join without a hole or a repeat', async () => {
    const first = await hub.json(`${path}?limit=3`)
    expect(first.readings[0]).toEqual({
      time: '2026-11-22T10:00:00.000Z',
      value: 100.25,
      quality: 'good',
      gatewayTime: '2026-11-22T10:00:00.005Z',
    })
    const second = await hub.json(`${path}?limit=3&from=${first.next}`)
    expect([...first.readings, ...second.readings].map(({ value }) => value)).toEqual([
      100.25, 101.25, 102.25, 103.25,
    ])
    expect(second.next).toBeNull()
  })

  it('of before a time are known by hours and days only, where retention deleted them', async () => {
    const day = Date.parse('2026-11-19T00:00:00Z')
    const point = 'college/elec/power'
    let elapsed = 0
    const readings = await openEmbeddedReadingStore({
      file: join(temporaryFolder(), 'readings.duckdb'),
      timeZone: 'Europe/Paris',
      log: silentLog,
      refreshIntervalMs: 1,
      retention: {
        keepMs: 2 * 24 * 60 * MINUTE,
        points: [point],
        clock: { now: () => NOW, elapsed: () => (elapsed += 60 * MINUTE) },
      },
    })
    onTestFinished(() => readings.close())
    await readings.write(toColumns([reading(point, day, 3), reading(point, NOW, 4)]), [])
    await until(
      () => readings.deleted!(),
      deleted => deleted.length > 0,
    )
    const reduced = await startHub({ readings })
    onTestFinished(() => reduced.close())
    const ask = (id: string, what: string) =>
      reduced.json(`/v1/points/${id}/${what}from=2026-11-19&to=2026-11-20`)
    const keptFrom = '2026-11-20T00:00:00.000Z'
    expect(await ask(point, 'readings?')).toMatchObject({ readings: [], keptFrom })
    expect(await ask(point, 'aggregates?by=minute&')).toMatchObject({ aggregates: [], keptFrom })
    expect(await ask(point, 'aggregates?by=hour&')).toMatchObject({ aggregates: [{ mean: 3 }], keptFrom })
    expect((await ask('college/elec/index', 'readings?')).keptFrom).toBeNull()
    // What was received stays received: completeness tells what of it is gone.
    const gone = { point, before: keptFrom, count: 1, at: expect.stringMatching(/^2026-11-2\dT/) }
    const deletedOf = async (query: string) => (await reduced.json(`/v1/completeness?by=day${query}`)).deleted
    expect(await deletedOf('')).toEqual([gone])
    const { gateway } = reduced.registry.points.get(point)!
    expect(await deletedOf(`&sender=${gateway}`)).toEqual([gone])
    expect(await deletedOf('&sender=another')).toEqual([])
  })

  it('of a span take an offset or a local date', async () => {
    const count = async (query: string) => (await hub.json(`${path}?${query}`)).readings.length
    expect(await count('from=2026-11-22T11:00:10%2B01:00&to=2026-11-22T10:00:30Z')).toBe(2)
    expect(await count('from=2026-11-22&to=2026-11-23')).toBe(4)
    const { from } = await hub.json(`${path}?from=2026-07-14&to=2026-07-15`)
    expect(from).toBe('2026-07-13T22:00:00.000Z')
  })
})
