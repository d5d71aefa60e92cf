import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyColumns, toColumns } from '../../model/reading.ts'
import { openDatabase } from '../../store/duckdb/database.ts'
import type { FileOperations } from '../../store/duckdb/worker.ts'
import { ReadingPacker } from '../../store/embedded/packed.ts'
import type { ReadingOperations } from '../../store/embedded/reading-tables.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import { copyFile } from '../../store/file-copy.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import type { FailingOperations } from './fixtures/failing-tables.ts'

const log = pino({ level: 'silent' })
let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-database-'))
  file = join(folder, 'some.duckdb')
})
afterEach(() => rm(folder, { recursive: true }))

const openFailing = () =>
  openDatabase<FailingOperations>({ file, tables: new URL('./fixtures/failing-tables.ts', import.meta.url) })

test('an error in the worker reaches the caller, and the next call is answered', async () => {
  const database = await openFailing()
  await expect(database.call('reject', [])).rejects.toThrow(RangeError)
  expect(await database.call('answer', [41])).toBe(42)
  await database.close()
  await expect(database.call('answer', [1])).rejects.toThrow(`${file} is closed`)
})

test('a worker that dies rejects what was asked of it, and says so ever after', async () => {
  const database = await openFailing()
  const pending = [database.call('die', []), database.call('answer', [1])]
  for (const call of pending) await expect(call).rejects.toThrow(file)
  await expect(database.call('answer', [1])).rejects.toThrow(file)
  await database.close()
})

test('a checkpoint that fails, on a full disk, costs nothing and does not end the store', async () => {
  const database = await openFailing()
  await database.call('keep', [1])
  await expect(database.call('failCheckpoint', [])).rejects.toThrow(/^FATAL Error.*checkpoint/s)
  await database.call('keep', [2])
  expect(await database.call('kept', [])).toEqual([1, 2])
  await database.close()
  const again = await openFailing()
  expect(await again.call('kept', [])).toEqual([1, 2])
  await again.close()
})

test('a file that is open in this process is refused', async () => {
  const database = await openFailing()
  await expect(openFailing()).rejects.toThrow(`${file} is open already in this process`)
  await database.close()
  await (await openFailing()).close()
})

test('a file that another process holds is refused, by name and holder', async () => {
  const program = fileURLToPath(new URL('./fixtures/hold.ts', import.meta.url))
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const open = openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
  await expect(open).rejects.toThrow(`${file} is held by another process (PID ${child.pid}): stop that one`)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  await (await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })).close()
})

test('a file of a newer version is refused, and left alone', async () => {
  await (await openFigureStore({ file, log })).close()
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run('UPDATE schema_version SET version = 99')
  connection.closeSync()
  instance.closeSync()
  await expect(openFigureStore({ file, log })).rejects.toThrow(/schema 99, this one knows 4/)
})

test('a file of figures without what they rest on keeps them, and gets it', async () => {
  const figure = { start: 0, end: 1, amount: 7, coveredMs: 1, readings: 1 }
  const before = await openFigureStore({ file, log })
  await before.replace('m', 'hour', 0, 1, [figure])
  await before.close()
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run('DROP TABLE basis')
  await connection.run('ALTER TABLE consumption DROP COLUMN stated')
  await connection.run('UPDATE schema_version SET version = 1')
  connection.closeSync()
  instance.closeSync()
  const after = await openFigureStore({ file, log })
  expect(await after.basis('m')).toBeUndefined()
  expect(await after.consumption('m', 'hour', 0, 1)).toEqual([figure])
  await after.close()
})

test('a file of the version before the ledger keeps its readings and gets one', async () => {
  const open = () => openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
  const good = { point: 'a/b/c', time: 1, value: 1, quality: 'good', gatewayTime: 1 } as const
  const stream = { sender: 's', stream: 'measures' } as const
  const position = { ...stream, run: 'r', upTo: 1, ranges: [] }
  const before = await open()
  await before.write(toColumns([good]), [position])
  await before.close()
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run('DROP TABLE ledger; UPDATE schema_version SET version = 1')
  connection.closeSync()
  instance.closeSync()
  const store = await open()
  expect(await store.range('a/b/c', 0, 10)).toEqual([good])
  expect(await store.positions()).toEqual([position])
  const entry = { ...stream, hour: 0, outcome: 'prompt', count: 1 } as const
  await store.write(emptyColumns(), [{ ...position, upTo: 2 }], [entry])
  expect(await store.ledger(0, 1)).toEqual([entry])
  await store.close()
})

test('a file that is no database is refused by name', async () => {
  await writeFile(file, 'meters'.repeat(10_000))
  await expect(openFigureStore({ file, log })).rejects.toThrow(file)
})

test('a write that fails half-way leaves nothing, and the store goes on', async () => {
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log })
  const good = { point: 'a/b/c', time: 1, value: 1, quality: 'good', gatewayTime: 1 } as const
  const position = { sender: 's', stream: 'measures' as const, run: 'r', upTo: 2, ranges: [] }
  const broken = toColumns([good, { ...good, time: 2, gatewayTime: 0.5 }])
  const entry = { sender: 's', stream: 'measures' as const, hour: 0, outcome: 'prompt' as const, count: 2 }
  const failed = store.write(broken, [position], [entry])
  await expect(failed).rejects.toThrow(StoreUnavailableError)
  await expect(failed).rejects.toThrow(file)
  expect(await store.positions()).toEqual([])
  expect(await store.ledger(0, 1)).toEqual([])
  expect(await store.latest(['a/b/c'])).toEqual([])
  expect(await store.write(toColumns([good]), [position])).toEqual({ written: 1, repeated: 0, conflicts: [] })
  expect(await store.range('a/b/c', 0, 10)).toEqual([good])
  expect(await store.write(emptyColumns(), [])).toEqual({ written: 0, repeated: 0, conflicts: [] })
  await store.close()
})

test('a file that is held stays as it was, however much is written, until it is released', async () => {
  const database = await openDatabase<ReadingOperations & FileOperations>({
    file,
    tables: new URL('../../store/embedded/reading-tables.ts', import.meta.url),
    settings: { timeZone: 'Europe/Paris' },
  })
  const copy = join(folder, 'copy.duckdb')
  const packer = new ReadingPacker()
  const write = (first: number, count: number) => {
    const readings = Array.from({ length: count }, (_, i) => ({
      point: `a/b/${(first + i) % 3}`,
      time: first + i,
      value: `${first + i}`.padEnd(250, 'x'),
      quality: 'good' as const,
      gatewayTime: first + i,
    }))
    return database.call('write', [packer.pack(toColumns(readings)), [], []])
  }
  await write(0, 10_000)
  const bytes = await database.call('holdFile', [])
  for (let first = 10_000; first < 160_000; first += 10_000) await write(first, 10_000)
  await copyFile(file, copy, { bytes })
  expect(await database.call('releaseFile', [])).toBe(true)
  await database.close()

  for (const [name, count] of [
    [copy, 10_000],
    [file, 160_000],
  ] as const) {
    const store = await openEmbeddedReadingStore({ file: name, timeZone: 'Europe/Paris', log })
    const days = await store.aggregate('a/b/0', 'day', 0, 1)
    expect(days[0]!.count).toBe(Math.ceil(count / 3))
    await store.close()
  }
})

test('a copy that is under way is broken off by the end of the store', async () => {
  const store = await openFigureStore({ file, log })
  let closing: Promise<void> | undefined
  const copy = store.copyTo(join(folder, 'copy.duckdb'), { onBytes: () => (closing ??= store.close()) })
  await expect(copy).rejects.toThrow('is being closed')
  await closing
  await (await openFigureStore({ file, log })).close()
})
