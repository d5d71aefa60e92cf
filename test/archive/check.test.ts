import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { openPhotoStore } from '../../api/winter-service/photo-store.ts'
import { checkFolder } from '../../archive/check.ts'
import { openOutbox } from '../../bus/outbox.ts'
import { segmentFile } from '../../bus/segments.ts'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import type { WinterFact } from '../../model/winter-service.ts'
import { openDatabase } from '../../store/duckdb/database.ts'
import { compactReadings } from '../../store/embedded/compact.ts'
import type { ReadingOperations } from '../../store/embedded/reading-tables.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { photoPath } from '../../store/photos.ts'
import { openRecordStore } from '../../store/records/record-store.ts'
import { silentLog as log, readings as numbered, temporaryFolder } from '../bus/fixtures.ts'

const HOUR = 3_600_000
const COUNT = 20_000
const stream = { sender: 'gw', stream: 'measures' } as const

const openStore = (data: string) =>
  openEmbeddedReadingStore({
    file: join(data, 'readings.duckdb'),
    timeZone: 'Europe/Paris',
    log,
  })

/** A data folder with readings only, all rolled up. */
async function makeReadings(): Promise<string> {
  const data = temporaryFolder()
  const readings = await openStore(data)
  const position = {
    ...stream,
    run: 'r',
    upTo: COUNT - 10,
    ranges: [[COUNT - 8, COUNT + 1] as [number, number]],
  }
  const entry = { ...stream, hour: 0, outcome: 'prompt', count: COUNT } as const
  await readings.write(toColumns(numbered(1, COUNT)), [position], [entry])
  await readings.close()
  await rollUp(join(data, 'readings.duckdb'))
  return data
}

/** A data folder as a hub leaves it. */
async function makeData(): Promise<string> {
  const data = await makeReadings()
  const figures = await openFigureStore({ file: join(data, 'figures.duckdb'), log })
  const figure = { coveredMs: HOUR, readings: 1 }
  await figures.replace('m', 'hour', 0, 2 * HOUR, [
    { start: 0, end: HOUR, amount: 3, ...figure },
    { start: HOUR, end: 2 * HOUR, amount: 4, ...figure },
  ])
  await figures.replace('m', 'day', 0, 24 * HOUR, [{ start: 0, end: 24 * HOUR, amount: 7, ...figure }])
  await figures.close()
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  for (let i = 0; i < 200; i++) records.audit({ time: i, actor: 'a'.repeat(50), action: 'b', target: 'c' })
  records.close()
  const outbox = await openOutbox<Reading>({ folder: join(data, 'gateways/gw'), stream: 'measures', log })
  for (let i = 1; i < 10; i++) outbox.append(numbered(i, 1))
  await outbox.close()
  return data
}

async function rollUp(file: string): Promise<void> {
  const database = await openDatabase<ReadingOperations>({
    file,
    tables: new URL('../../store/embedded/reading-tables.ts', import.meta.url),
    settings: { timeZone: 'Europe/Paris' },
  })
  while (await database.call('refreshRollups', []));
  await database.close()
}

async function check(folder: string, full = true) {
  const findings = await checkFolder({
    folder,
    full,
    onProgress: () => {},
    signal: new AbortController().signal,
  })
  return findings.map(
    ({ file, problem, advice }) => `${file.slice(folder.length + 1)}: ${problem} -> ${advice}`,
  )
}

async function change(file: string, ...statements: string[]) {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

function flip(file: string, at: number) {
  const bytes = readFileSync(file)
  bytes[at]! ^= 1 << (at % 8)
  writeFileSync(file, bytes)
}

it('finds nothing in a sound folder', async () => {
  const data = await makeData()
  expect(await check(data)).toEqual([])
  expect(await check(data, false)).toEqual([])
})

it('finds nothing in what a version before retention has written', async () => {
  const data = await makeReadings()
  const newer = ['deleted', 'index_point', 'rollup_day', 'rollup_zone']
  const tables = [...newer.map(name => `DROP TABLE ${name}`), 'UPDATE schema_version SET version = 2']
  await change(join(data, 'readings.duckdb'), ...tables)
  expect(await check(data)).toEqual([])
  const file = join(data, 'readings.duckdb')
  await compactReadings({ file, onProgress: () => {}, signal: new AbortController().signal })
  expect(await check(data)).toEqual([])
})

it('finds what contradicts itself, and says what to do', async () => {
  const data = await makeData()
  await change(
    join(data, 'readings.duckdb'),
    'INSERT INTO reading SELECT * FROM reading WHERE time % 977 = 0 LIMIT 2',
    'UPDATE rollup_hour SET max = max + 1 WHERE hour = (SELECT min(hour) FROM rollup_hour) AND point_id = 0',
    'DELETE FROM dirty_hours',
    'UPDATE rollup_day SET last = last + 1 WHERE start = (SELECT min(start) FROM rollup_day)',
    'UPDATE position SET up_to = up_to + 5',
    'UPDATE reading SET quality_id = 99 WHERE time = (SELECT max(time) FROM reading)',
  )
  await change(join(data, 'figures.duckdb'), "UPDATE consumption SET amount = 8 WHERE period = 'day'")
  flip(segmentFile(join(data, 'gateways/gw/measures'), 1), 30)
  const found = (await check(data)).join('\n')
  expect(found).toMatch(/readings\.duckdb: 2 keys .* several readings -> restore a backup/)
  expect(found).toMatch(/readings\.duckdb: \d+ hours have a rollup that is not .* -> affluent store compact/)
  expect(found).toMatch(/readings\.duckdb: \d+ days have a rollup that is not .* -> affluent store compact/)
  expect(found).toMatch(/readings\.duckdb: 1 readings have a point or a quality without a name/)
  expect(found).toMatch(/of gw measures 20005 numbers are accounted for, but the ledger counts 20000/)
  expect(found).toMatch(/figures\.duckdb: 1 figures of a day are not the sum of their hours/)
  expect(found).toMatch(/gateways\/gw\/measures: 1 lines of the journal are damaged/)
})

it('never takes a damaged file of readings for sound, wherever a bit of it flips', async () => {
  const data = await makeReadings()
  const file = join(data, 'readings.duckdb')
  const sound = join(temporaryFolder(), 'sound')
  copyFileSync(file, sound)
  const { length } = readFileSync(file)
  let unnoticed = 0
  let seed = 11
  for (let round = 0; round < 8; round++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    copyFileSync(sound, file)
    flip(file, seed % length)
    const found = await check(data, false)
    if (found.length > 0) {
      expect(found.join()).toMatch(/readings\.duckdb: damaged: .* -> restore a backup/)
      continue
    }
    // A block that nothing uses: every reading is what it was.
    unnoticed++
    const store = await openStore(data)
    const points = Array.from({ length: 7 }, (_, i) => `college/meter-${i}/index`)
    const stored = (await Promise.all(points.map(point => store.range(point, 0, 8.64e15)))).flat()
    expect(stored.length).toBe(COUNT)
    for (const { time, value } of stored) expect(time).toBe(numbered(value as number, 1)[0]!.time)
    await store.close()
  }
  expect(unnoticed).toBeLessThan(5)
})

it('finds a file that was cut off, a log that is damaged and a SQLite file that is', async () => {
  const data = await makeData()
  const file = join(data, 'readings.duckdb')
  const { length } = readFileSync(file)
  truncateSync(file, length / 2)
  truncateSync(join(data, 'figures.duckdb'), 0)
  flip(join(data, 'records.sqlite'), 4096 + 5)
  const found = (await check(data)).join('\n')
  expect(found).toMatch(/readings\.duckdb: damaged/)
  expect(found).toMatch(/figures\.duckdb: damaged: .* -> put the file aside/)
  expect(found).toMatch(/records\.sqlite: damaged/)
  await expect(openStore(data)).rejects.toThrow(
    `${file} is damaged: affluent store check tells what can be done`,
  )
})

it('names the photos that are missing, or not what the entries of the winter service vouch for', async () => {
  const data = temporaryFolder()
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  const photos = openPhotoStore(join(data, 'photos'))
  const [sound, changed, gone] = ['a', 'b', 'c'].map(text => photos.add(Buffer.from(text))) as [
    string,
    string,
    string,
  ]
  const treatment = (hashes: string[]): WinterFact => ({
    ...{ kind: 'treatment', time: 0, end: 1, circuit: 'c', product: 'none', photos: hashes },
  })
  const kept = (id: string) => ({ id, author: 'nadia', received: 2 })
  records.sealWinterEntry({ ...treatment([sound, changed]), ...kept('first') })
  const correction = { kind: 'correction', time: 2, corrects: 'first', reason: 'x' } as const
  records.sealWinterEntry({ ...correction, replacement: treatment([changed, gone]), ...kept('second') })
  records.close()
  expect(await check(data)).toEqual([])
  writeFileSync(photoPath(join(data, 'photos'), changed), 'another')
  rmSync(photoPath(join(data, 'photos'), gone))
  writeFileSync(join(data, 'photos', 'nobody.jpg'), 'named by no entry')
  expect(await check(data)).toEqual([
    expect.stringMatching(
      new RegExp(`^photos/.*${changed}\\.jpg: the photo of .* first is not what was sealed -> put`),
    ),
    expect.stringMatching(new RegExp(`^photos/.*${gone}\\.jpg: the photo of .* second is missing -> put`)),
  ])
})
