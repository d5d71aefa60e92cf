import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, it } from 'vitest'
import { checkFolder } from '../../archive/check.ts'
import type { Reading } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { compactReadings } from '../../store/embedded/compact.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { silentLog as log, temporaryFolder } from '../bus/fixtures.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 0)
const POINTS = ['a/b/1', 'a/b/2', 'a/b/3']
const stream = { sender: 'gw', stream: 'measures' } as const

const openStore = (file: string) => openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
const compact = (file: string, signal = new AbortController().signal, onProgress = (_: number) => {}) =>
  compactReadings({ file, onProgress, signal })

/** Three months of three points, behind a hole that something deleted has left. */
async function makeFile() {
  const file = join(temporaryFolder(), 'readings.duckdb')
  await change(file, 'CREATE TABLE ballast AS SELECT random() AS a FROM range(500000)')
  const store = await openStore(file)
  for (let day = 0; day < 90; day += 10) {
    const readings = Array.from({ length: 3000 }, (_, i): Reading => {
      const time = START + day * DAY + i * 60_000
      return { point: POINTS[i % 3]!, time, value: (i * 7 + day) % 1000, quality: 'good', gatewayTime: time }
    })
    const upTo = (day / 10 + 1) * 3000
    const entry = { ...stream, hour: START, outcome: 'prompt', count: 3000 } as const
    await store.write(toColumns(readings), [{ ...stream, run: 'r', upTo, ranges: [] }], [entry])
  }
  await store.close()
  await change(file, 'DROP TABLE ballast')
  return file
}

async function change(file: string, statement: string) {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run(statement)
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
}

async function contentOf(file: string) {
  const store = await openStore(file)
  try {
    return {
      readings: await Promise.all(POINTS.map(point => store.range(point, 0, 8.64e15))),
      days: await Promise.all(POINTS.map(point => store.aggregate(point, 'day', START, START + 90 * DAY))),
      positions: await store.positions(),
      ledger: await store.ledger(0, 8.64e15),
      latest: await store.latest(POINTS),
    }
  } finally {
    await store.close()
  }
}

it('holds the same in less space, with sound rollups, and takes more', async () => {
  const file = await makeFile()
  const before = await contentOf(file)
  const sizes = await compact(file)
  expect(sizes.after).toBeLessThan(sizes.before / 2)
  expect(sizes.after).toBe(statSync(file).size)
  expect(JSON.stringify(await contentOf(file))).toBe(JSON.stringify(before))
  const signal = new AbortController().signal
  expect(await checkFolder({ folder: join(file, '..'), full: true, onProgress: () => {}, signal })).toEqual(
    [],
  )

  const store = await openStore(file)
  const late: Reading = { point: POINTS[0]!, time: START + 1, value: 7, quality: 'good', gatewayTime: START }
  const repeated = before.readings[0]![5]!
  expect(await store.write(toColumns([late, repeated]), [])).toEqual({
    written: 1,
    repeated: 1,
    conflicts: [],
  })
  const [day] = await store.aggregate(POINTS[0]!, 'day', START, START + 1)
  expect(day!.count).toBe(before.days[0]![0]!.count + 1)
  await store.close()
})

it('that is broken off leaves the file as it was, and what a killed one left is no hindrance', async () => {
  const file = await makeFile()
  const before = readFileSync(file)
  const stop = new AbortController()
  await expect(compact(file, stop.signal, () => stop.abort(new Error('enough')))).rejects.toThrow('enough')
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(existsSync(`${file}.compacting`)).toBe(false)
  writeFileSync(`${file}.compacting`, 'half a file')
  writeFileSync(`${file}.compacting.wal`, 'and its log')
  expect((await compact(file)).after).toBeLessThan(before.length)
})

it('is refused where the file is in use', async () => {
  const file = await makeFile()
  const store = await openStore(file)
  await expect(compact(file)).rejects.toThrow('is open already in this process')
  await store.close()
})
