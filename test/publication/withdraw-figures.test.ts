import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { changesSince } from '../../publication/changes.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import { objectPath } from '../../publication/objects.ts'
import { publish } from '../../publication/publish.ts'
import { openPublished } from '../../publication/published.ts'
import { createRowReader } from '../../publication/row-reader.ts'
import type { Meter, Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import { memoryFigures } from '../fluids/memory-stores.ts'
import { building, meter, registry } from '../fluids/territory.ts'
import { sourcesOf } from './files.ts'

const parent = mkdtempSync(join(tmpdir(), 'affluent-figures-'))
afterAll(() => rmSync(parent, { recursive: true }))

const ZONE = 'Europe/Paris'
const at = (date: string) => startOfLocalDate(date, ZONE)
const datasets = FLUIDS.filter(({ id }) => id === 'fluides-jour')

/** Each meter counts its own ten kWh a day from the first of October on. */
async function openTerritory(meters: Record<string, number>) {
  const folder = mkdtempSync(join(parent, 'f-'))
  const published = openPublished(folder)
  const figures = memoryFigures()
  for (const [id, tens] of Object.entries(meters)) {
    const days = periodsBetween('day', at('2026-10-01'), at('2026-11-01'), ZONE)
    const told = days.map(({ start, end }) => ({
      ...{ start, end, amount: tens * 100, coveredMs: end - start, readings: 24 },
    }))
    await figures.replace(id, 'day', 0, at('2026-11-01'), told)
  }
  const read = (version = published.latest('fluides-jour')!.version) =>
    published
      .objects(version, 'fluides-jour.csv')
      .map(({ path }) => readFileSync(path, 'utf8'))
      .join('')
      .split('\r\n')
      .slice(1, -1)
      .map(shorten)
  return {
    ...{ folder, published },
    read,
    async publish(now: string, territory: Registry, sources: Pick<FigureStore, 'consumption'> = figures) {
      const context = { registry: territory, now: at(now), sources: sourcesOf(sources) }
      const [outcome] = await publish({ datasets, context, published, folder, software: '0.0.0' })
      return outcome!
    },
    async changes(since?: string) {
      const { changes, next } = await changesSince(
        'fluides-jour',
        { published, folder, rows: createRowReader() },
        since,
        1000,
      )
      return {
        next,
        changes: changes.map(({ type, reason, row }) => `${type} ${reason ?? ''} ${shorten(row.join())}`),
      }
    },
  }
}

/** Building, date, consumption and revision of a row. */
function shorten(row: string): string {
  const cells = row.split(',')
  return [cells[0], cells[5], cells[7], cells[12]].join(' ').trim()
}

const sites = [building('college'), building('home', { openData: false })]
const heat = (allocations: Meter['allocations']) => meter('heat', 'plant', { allocations })
const own = meter('own', 'college')
const WHOLLY = registry(sites, [own, heat([{ site: 'college', share: 1 }])])
const SHARED = registry(sites, [
  own,
  heat([
    { site: 'college', share: 1, to: '2026-10-03' },
    { site: 'college', share: 0.7, from: '2026-10-03' },
    { site: 'home', share: 0.3, from: '2026-10-03' },
  ]),
])

it('a version that gives away a share that was corrected is withdrawn, and one that ends before it is not', async () => {
  const { publish, published, read, changes } = await openTerritory({ heat: 2, own: 1 })
  await publish('2026-10-03', WHOLLY)
  const { next } = await changes()
  await publish('2026-10-05', WHOLLY)
  expect(await publish('2026-10-06', SHARED)).toMatchObject({ version: { version: 3 }, withdrawn: [2] })
  const [first, second, third] = published.versions('fluides-jour')
  expect([first, third].map(version => version!.withdrawn)).toEqual([undefined, undefined])
  expect(second!.withdrawn!.reason.fr).toMatch(/on pourrait déduire/)
  expect(read(first!.version)).toEqual(['college 2026-10-01 30 0', 'college 2026-10-02 30 0'])
  expect(read()).toEqual([
    ...['college 2026-10-01 30 0', 'college 2026-10-02 30 0'],
    ...['college 2026-10-03 24 1', 'college 2026-10-04 24 1', 'college 2026-10-05 24 0'],
  ])
  // What the withdrawn version brought is told as it is now: 30 less 24 would be the home's.
  expect((await changes(next)).changes).toEqual([
    ...['new  college 2026-10-03 24 1', 'new  college 2026-10-04 24 1'],
    ...[
      'revised  college 2026-10-03 24 1',
      'revised  college 2026-10-04 24 1',
      'new  college 2026-10-05 24 0',
    ],
  ])
  expect(await publish('2026-10-06', SHARED)).toEqual({ dataset: 'fluides-jour', withdrawn: [] })
  const { forms } = published.figures(second!.version)!
  expect(forms, 'of the days that it does not give away').toMatchObject([
    { site: 'college', to: '2026-10-03' },
    { site: 'college', from: '2026-10-05' },
  ])
})

it('a figure that is hidden on some dates since is withdrawn with its reason, in changes of withdrawn versions, too', async () => {
  const flat = meter('flat', 'college', { fluid: 'eau' })
  const { publish, changes, published } = await openTerritory({ own: 1, flat: 2 })
  await publish('2026-10-02', registry(sites, [own, flat]))
  const { next } = await changes()
  await publish('2026-10-04', registry(sites, [own, flat]))
  const lived = (from: string) =>
    registry(sites, [
      own,
      { ...flat, allocations: [{ site: 'college', share: 1, to: from }] },
      { ...flat, id: 'flat-lived', dwellings: 2, allocations: [{ site: 'college', share: 1, from }] },
    ])
  expect(await publish('2026-10-05', lived('2026-10-03'))).toMatchObject({ withdrawn: [2] })
  const gone = (day: string) => `withdrawn figure college ${day}`
  expect((await changes(next)).changes.filter(change => change.includes('2026-10-03'))).toEqual([
    gone('2026-10-03'),
    'new  college 2026-10-03 10 0',
    gone('2026-10-03'),
  ])
  expect(await publish('2026-10-05', lived('2026-10-02'))).toMatchObject({ withdrawn: [3] })
  expect(
    (await changes(next)).changes.filter(change => /2026-10-02.*20/.test(change)),
    'a withdrawn version still told it in its changes',
  ).toEqual([])
  expect(published.versions('fluides-jour').map(({ withdrawn }) => withdrawn !== undefined)).toEqual([
    ...[false, true, true, false],
  ])
})

it('what gives something away is withdrawn also where the next version fails', async () => {
  const { publish, published } = await openTerritory({ heat: 2, own: 1 })
  await publish('2026-10-05', WHOLLY)
  const away = { consumption: () => Promise.reject(new Error('away')) }
  expect(await publish('2026-10-06', SHARED, away)).toMatchObject({ error: 'away', withdrawn: [1] })
  expect(published.latest('fluides-jour')).toBeUndefined()
  expect(await publish('2026-10-06', SHARED)).toMatchObject({ version: { version: 2 }, withdrawn: [] })
})

it('where what former versions tell cannot be read, it is told as an error and tried again', async () => {
  const { publish, published, folder } = await openTerritory({ heat: 2, own: 1 })
  await publish('2026-10-05', WHOLLY)
  const { sha256 } = published.makeup(published.latest('fluides-jour')!.version).figures!
  const path = objectPath(folder, sha256)
  const kept = readFileSync(path)
  writeFileSync(path, '{')
  expect(await publish('2026-10-06', SHARED)).toMatchObject({
    error: expect.stringMatching(/JSON/),
    withdrawn: [],
  })
  writeFileSync(path, kept)
  expect(await publish('2026-10-06', SHARED)).toMatchObject({ withdrawn: [1] })
})
