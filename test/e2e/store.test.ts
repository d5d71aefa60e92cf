import { mkdirSync, readdirSync, truncateSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Reading, toColumns } from '../../model/reading.ts'
import { openDatabase } from '../../store/duckdb/database.ts'
import { ReadingPacker } from '../../store/embedded/packed.ts'
import type { ReadingOperations } from '../../store/embedded/reading-tables.ts'
import { ask } from './ask.ts'
import { READY, runAffluent, startAffluent } from './command-line.ts'
import { INDEX, makeSmallTerritory, TEMPERATURE } from './small-territory.ts'
import { until } from './until.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const NOW = Date.now()
const OLD = Math.floor(NOW / DAY) * DAY - 410 * DAY

let place: Awaited<ReturnType<typeof makeSmallTerritory>>
beforeAll(async () => {
  place = await makeSmallTerritory({ store: '{ kind: embedded, retention: { measures: 400d } }' })
  mkdirSync(place.data)
  await fill()
})
afterAll(() => place.remove())

/** An hour of long ago and one of yesterday, rolled up. */
async function fill() {
  const database = await openDatabase<ReadingOperations>({
    file: `${place.data}/readings.duckdb`,
    tables: new URL('../../store/embedded/reading-tables.ts', import.meta.url),
    settings: { timeZone: 'Europe/Paris' },
  })
  const readings = [INDEX, TEMPERATURE].flatMap(point =>
    [OLD, NOW - DAY].flatMap(start =>
      Array.from({ length: 60 }, (_, i): Reading => {
        const time = start + i * MINUTE
        return { point, time, value: 20 + i / 8, quality: 'good', gatewayTime: time }
      }),
    ),
  )
  await database.call('write', [new ReadingPacker().pack(toColumns(readings)), [], []])
  while (await database.call('refreshRollups', []));
  await database.close()
}

it('deletes old measures while the hub runs, and status tells', async () => {
  const { flags } = place
  const before = await runAffluent(['status', ...flags])
  expect(before).toMatchObject({ code: 0, err: '' })
  expect(before.out).not.toContain('Retention')

  const hub = await startAffluent(['start', ...place.startFlags], READY)
  const told = `Retention has deleted 60 readings of 1 points, of before ${new Date(OLD + DAY).toISOString()}.`
  await until(
    () => runAffluent(['status', ...flags]),
    ({ out }) => out.includes(told),
  )
  const refused = await runAffluent(['store', 'check', ...flags])
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('a hub runs on') })
  const span = `from=${new Date(OLD).toISOString()}&to=${new Date(OLD + DAY).toISOString()}`
  const of = (point: string, what: string) => ask(`${hub.match[1]}/v1/points/${point}/${what}${span}`)
  expect((await of(TEMPERATURE, 'readings?')).readings).toEqual([])
  expect((await of(TEMPERATURE, 'aggregates?by=hour&')).aggregates).toMatchObject([{ count: 60 }])
  expect((await of(INDEX, 'readings?')).readings).toHaveLength(60)
  expect((await hub.stop('SIGTERM')).code).toBe(0)
})

it('is checked and compacted by commands', async () => {
  const { flags } = place
  expect(await runAffluent(['store', 'check', '--full', ...flags])).toMatchObject({
    code: 0,
    out: `${place.data} is sound.\n`,
  })
  const compacted = await runAffluent(['store', 'compact', ...flags])
  expect(compacted.out).toMatch(/readings\.duckdb had .* and has .* now\.\n$/)
  expect((await runAffluent(['store', 'check', '--full', ...flags])).code).toBe(0)
})

it('is exported by a command, and damage is found', async () => {
  const { flags } = place
  const out = place.at('export')
  const to = new Date(OLD + DAY).toISOString()
  const exported = await runAffluent(['export', '--out', out, '--format', 'csv', '--to', to, ...flags])
  expect(exported).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^60 readings of 1 points in 1 files/),
  })
  expect(readdirSync(out)).toEqual([expect.stringMatching(/^\d{4}-\d\d-001\.csv$/), 'export.json'])

  truncateSync(`${place.data}/readings.duckdb`, 300_000)
  const damaged = await runAffluent(['store', 'check', ...flags])
  expect(damaged.code).toBe(2)
  expect(damaged.out).toMatch(/readings\.duckdb: damaged: .*\n {2}What to do: restore a backup/)
})
