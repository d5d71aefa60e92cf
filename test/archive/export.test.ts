import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it, onTestFinished } from 'vitest'
import { type ExportOptions, exportReadings } from '../../archive/export.ts'
import { readHistory } from '../../ingest/history/history.ts'
import type { QualityCode } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import { readingAt, toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { readContent } from '../../store/file-copy.ts'
import { silentLog as log, systemClock, temporaryFolder } from '../bus/fixtures.ts'

const INDEX = 'college/electricite/index'
const STATE = 'college/porte/etat'
const JANUARY = Date.UTC(2026, 0)
const MARCH = Date.UTC(2026, 2)

function reading(point: string, time: number, value: Value, quality: QualityCode = 'good'): Reading {
  return { point, time, value, quality, gatewayTime: time + 250 }
}

const READINGS = [
  reading(INDEX, JANUARY - 1, 0.1),
  reading(INDEX, JANUARY, 1 / 3),
  reading(INDEX, JANUARY + 1, null, 'bad:timeout'),
  reading(INDEX, MARCH + 5, 12_345_678.9),
  reading(STATE, JANUARY, true),
  reading(STATE, JANUARY + 1, 'a "b";\nc, é'),
  reading(STATE, MARCH, '007'),
]

async function makeStore() {
  const file = join(temporaryFolder(), 'readings.duckdb')
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
  onTestFinished(() => store.close())
  const position = { sender: 'gw', stream: 'measures', run: 'r', upTo: READINGS.length, ranges: [] } as const
  const entry = { sender: 'gw', stream: 'measures', hour: JANUARY, outcome: 'late', count: 7 } as const
  await store.write(toColumns(READINGS), [{ ...position, ranges: [] }], [entry])
  return store
}

async function run(options: Partial<ExportOptions> = {}) {
  const out = join(temporaryFolder(), 'out')
  const manifest = await exportReadings({
    readings: options.readings ?? (await makeStore()),
    out,
    format: 'parquet',
    from: 0,
    to: Date.UTC(2027, 0),
    selects: () => true,
    unitOf: point => (point === INDEX ? 'kW.h' : undefined),
    clock: systemClock,
    onProgress: () => {},
    signal: new AbortController().signal,
    ...options,
  })
  return { out, manifest }
}

it.each(['parquet', 'csv'] as const)(
  'in %s has every reading, and comes back through an import as it was',
  async format => {
    const { out, manifest } = await run({ format })
    expect(readdirSync(out).sort()).toEqual([
      `2025-12-001.${format}`,
      `2026-01-001.${format}`,
      `2026-03-001.${format}`,
      'export.json',
    ])
    expect(manifest.files.map(({ readings }) => readings)).toEqual([1, 4, 2])
    expect(manifest.received).toBe(READINGS.length)
    expect(manifest.points).toEqual([
      { point: INDEX, unit: 'kW.h', readings: 4 },
      { point: STATE, unit: undefined, readings: 3 },
    ])
    const found: Reading[] = []
    for (const { path, bytes, sha256 } of manifest.files) {
      expect(await readContent(join(out, path))).toEqual({ bytes, sha256 })
      const kindOf = (point: string) => (point === INDEX ? ('number' as const) : undefined)
      for await (const portion of readHistory({ file: join(out, path), format, names: {}, kindOf })) {
        expect(portion.unreadable).toEqual([])
        for (let i = 0; i < portion.points.length; i++) found.push(readingAt(portion, i))
      }
    }
    const byKey = (a: Reading, b: Reading) =>
      a.point < b.point ? -1 : a.point > b.point ? 1 : a.time - b.time
    expect(found.sort(byKey)).toEqual(READINGS.toSorted(byKey))
  },
)

it('has times that DuckDB and pandas read as instants', async () => {
  const { out } = await run()
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()
  const files = `read_parquet('${out}/*.parquet')`
  const types = await ask(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${files})`)
  expect(Object.fromEntries(types)).toMatchObject({
    time: 'TIMESTAMP WITH TIME ZONE',
    num: 'DOUBLE',
    bool: 'BOOLEAN',
    gateway_time: 'TIMESTAMP WITH TIME ZONE',
    unit: 'VARCHAR',
  })
  expect(await ask(`SELECT count(*)::INTEGER, min(epoch_ms(time))::DOUBLE FROM ${files}`)).toEqual([
    [7, JANUARY - 1],
  ])
  connection.closeSync()
  instance.closeSync()
})

it('takes the points and the time that are asked for', async () => {
  const { out, manifest } = await run({
    format: 'csv',
    selects: point => point === STATE,
    from: JANUARY + 1,
    to: MARCH,
  })
  expect(manifest.files.map(({ path }) => path)).toEqual(['2026-01-001.csv'])
  expect(readFileSync(join(out, '2026-01-001.csv'), 'utf8')).toBe(
    'point,time,num,bool,text,quality,gateway_time,unit\n' +
      `${STATE},2026-01-01T00:00:00.001Z,,,"a ""b"";\nc, é",good,2026-01-01T00:00:00.251Z,\n`,
  )
  const none = await run({ from: MARCH + 10 })
  expect(none.manifest.files).toEqual([])
})

it('that is broken off has no manifest', async () => {
  const stop = new AbortController()
  const store = await makeStore()
  const out = join(temporaryFolder(), 'out')
  const failed = run({
    readings: store,
    out,
    signal: stop.signal,
    onProgress: done => done > 0.4 && stop.abort(new Error('enough')),
  })
  await expect(failed).rejects.toThrow('enough')
  expect(readdirSync(out)).not.toContain('export.json')
  await expect(run({ readings: store, out })).rejects.toThrow('is not empty')
})
