import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type ImportOptions, importReadings } from '../../ingest/import.ts'
import type { ReadingColumns } from '../../model/reading.ts'
import { toColumns } from '../../model/reading.ts'
import { openEmbeddedReadingStore } from '../../store/embedded/readings.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { reading, readings, silentLog, systemClock, temporaryFolder } from '../bus/fixtures.ts'
import { quarantined, testQuarantine } from './hub.ts'
import { memoryStore } from './memory-store.ts'

function* portions(last: number, size: number): Generator<ReadingColumns> {
  for (let first = 1; first <= last; first += size)
    yield toColumns(readings(first, Math.min(size, last - first + 1)))
}

const importInto = async (store: ReadingStore, settings: Partial<ImportOptions>) =>
  importReadings({
    store,
    name: 'abc',
    portions: portions(100, 30),
    quarantine: await testQuarantine(),
    clock: systemClock,
    log: silentLog,
    ...settings,
  })

it('writes readings as a sender of its own, with numbers', async () => {
  const store = memoryStore()
  const progress: number[] = []
  const outcome = await importInto(store, { onDone: ({ times }) => progress.push(times.length) })
  expect(outcome).toEqual({ readings: 100, written: 100, repeated: 0, quarantined: 0 })
  expect(store.readings()).toEqual(readings(1, 100))
  expect(await store.positions()).toEqual([
    { sender: 'import/abc', stream: 'measures', run: 'abc', upTo: 100, ranges: [] },
  ])
  expect(progress).toEqual([30, 30, 30, 10])
})

it('goes on where it was interrupted, also in portions of another size', async () => {
  const store = memoryStore()
  async function* interrupted(): AsyncGenerator<ReadingColumns> {
    yield* portions(60, 30)
    throw new Error('power cut')
  }
  await expect(importInto(store, { portions: interrupted() })).rejects.toThrow('power cut')
  const { writes } = store
  const outcome = await importInto(store, { portions: portions(100, 20) })
  expect(store.readings()).toEqual(readings(1, 100))
  expect(outcome).toMatchObject({ readings: 100, repeated: expect.any(Number) })
  expect(outcome.written + outcome.repeated).toBe(100)
  expect(store.writes - writes).toBeLessThan(5)
  const { writes: before } = store
  await importInto(store, {})
  expect(store.writes).toBe(before)
})

it('stops between two portions when it is told to', async () => {
  const store = memoryStore()
  const stop = new AbortController()
  const stopping = importInto(store, {
    signal: stop.signal,
    onDone: ({ times }) => {
      if (times[0] === reading(31).time) stop.abort(new Error('Ctrl-C'))
    },
  })
  await expect(stopping).rejects.toThrow('Ctrl-C')
  expect(store.readings().length).toBeLessThan(100)
})

it('quarantines what is not sound and what is stored otherwise', async () => {
  const store = memoryStore()
  await store.write(toColumns([{ ...reading(4), value: -4 }]), [])
  const quarantine = await testQuarantine()
  const columns = [
    toColumns([reading(1), { ...reading(2), value: null }]),
    toColumns([reading(3), reading(4)]),
  ]
  const outcome = await importInto(store, { portions: columns, quarantine })
  expect(outcome).toEqual({ readings: 4, written: 2, repeated: 0, quarantined: 2 })
  expect(quarantined(quarantine)).toMatchObject([
    { kind: 'rejected', sender: 'import/abc', first: 2 },
    { kind: 'conflict', sender: 'import/abc', first: 4, payload: reading(4) },
  ])
})

it('fills the embedded store', async () => {
  const file = join(temporaryFolder(), 'readings.duckdb')
  const store = await openEmbeddedReadingStore({ file, timeZone: 'Europe/Paris', log: silentLog })
  onTestFinished(() => store.close())
  const settings = { portions: portions(50_000, 7000) }
  expect(await importInto(store, settings)).toMatchObject({ readings: 50_000, written: 50_000 })
  expect(await importInto(store, { portions: portions(50_000, 9000) })).toMatchObject({
    written: 0,
    repeated: 50_000,
  })
  expect((await store.range(reading(7).point, 0, Number.MAX_SAFE_INTEGER, 100_000)).length).toBe(7142)
})
