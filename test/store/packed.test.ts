import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Reading, toColumns } from '../../model/reading.ts'
import { bigints } from '../../store/duckdb/append.ts'
import { NamedPoints } from '../../store/embedded/named-points.ts'
import { ReadingPacker } from '../../store/embedded/packed.ts'
import { openTables } from '../../store/embedded/reading-tables.ts'

const reading = (point: string, time: number, value: Reading['value']): Reading => {
  const quality = value === null ? 'bad:timeout' : time % 5 === 0 ? 'uncertain:clock' : 'good'
  return { point, time, value, quality, gatewayTime: time + 1 }
}

test('a packer names each point once, and again when it starts over', () => {
  const points = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 12 })
  const step = fc.oneof({ weight: 4, arbitrary: points }, fc.constant('start over' as const))
  fc.assert(
    fc.property(fc.array(step), steps => {
      const packer = new ReadingPacker()
      const named = new NamedPoints()
      const told: string[] = []
      for (const names of steps) {
        if (names === 'start over') {
          packer.startOver()
          told.length = 0
          continue
        }
        const packed = packer.pack(toColumns(names.map((name, i) => reading(name, i, i))))
        told.push(...packed.names)
        const batch = named.place(packed, name => (name < 'd' ? name.charCodeAt(0) : undefined))
        expect(names).toEqual([...batch.places].map(place => batch.names[place]))
        expect(batch.names).toEqual([...new Set(names)])
        expect([...batch.ids]).toEqual(batch.names.map(name => (name < 'd' ? name.charCodeAt(0) : -1)))
      }
      expect(new Set(told).size).toBe(told.length)
    }),
  )
})

test('names that were lost are missed', () => {
  const packer = new ReadingPacker()
  packer.pack(toColumns([reading('a', 1, 1)]))
  const more = () => packer.pack(toColumns([reading('b', 2, 2)]))
  const fresh = new NamedPoints()
  expect(() => fresh.place(more(), () => undefined)).toThrow('not told')
  packer.startOver()
  expect(fresh.place(more(), () => undefined).names).toEqual(['b'])
})

test('values of every kind keep their places in a write of several chunks', async () => {
  const values = [1.5, -0, true, false, 'text', '', null, 2 ** 53, Number.MIN_VALUE]
  // The chunks end with one that is not full, and some hold numbers only.
  const readings = Array.from({ length: 7001 }, (_, i) => {
    return reading('a/b/c', 4_000_000_000_000 + i, i < 3000 ? i / 7 : values[i % values.length]!)
  })
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  const tables = await openTables(connection, ':memory:', { timeZone: 'Europe/Paris' })
  const packer = new ReadingPacker()
  await tables.write(packer.pack(toColumns(readings)), [], [])
  // Not newer, so that it goes the other way, and is compared with what is there.
  const again = await tables.write(packer.pack(toColumns(readings)), [], [])
  expect(again).toEqual({ written: 0, repeated: readings.length, conflicts: [] })
  const [stored] = await tables.range([{ point: 'a/b/c', from: 0, to: 8e15 }])
  expect(stored).toEqual({
    times: readings.map(({ time }) => time),
    values: readings.map(({ value }) => value),
    qualities: readings.map(({ quality }) => quality),
    gatewayTimes: readings.map(({ gatewayTime }) => gatewayTime),
  })
  expect(await tables.latest(['a/b/c', 'a/b/d'])).toEqual([readings.at(-1)])
  connection.closeSync()
  instance.closeSync()
})

test('what is stored is the first of each key, in whatever order batches come, through outages and restarts', async () => {
  const entry = fc.record({ point: fc.constantFrom('a/b/c', 'a/b/d'), time: fc.nat(40), value: fc.nat(2) })
  const batch = fc.array(entry, { maxLength: 8 })
  // Of an outage: one that is far ahead, then what came before it.
  const backlog = fc
    .tuple(fc.nat(30), fc.nat(10))
    .map(([from, count]) => [
      { point: 'a/b/c', time: from + count + 1, value: 1 },
      ...Array.from({ length: count }, (_, i) => ({ point: 'a/b/c', time: from + i, value: 1 })),
    ])
  const step = fc.oneof(batch, backlog, fc.constant('restart' as const))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
      const connection = await instance.connect()
      let tables = await openTables(connection, ':memory:', { timeZone: 'Europe/Paris' })
      let packer = new ReadingPacker()
      const model = new Map<string, number>()
      for (const entries of steps) {
        if (entries === 'restart') {
          tables = await openTables(connection, ':memory:', { timeZone: 'Europe/Paris' })
          packer = new ReadingPacker()
          continue
        }
        const expected = { written: 0, repeated: 0, conflicts: [] as number[] }
        for (const [i, { point, time, value }] of entries.entries()) {
          const key = `${point} ${time}`
          const held = model.get(key)
          if (held === undefined) {
            model.set(key, value)
            expected.written++
          } else if (held === value) expected.repeated++
          else expected.conflicts.push(i)
        }
        const readings = entries.map(({ point, time, value }): Reading => {
          return { point, time, value, quality: 'good', gatewayTime: 0 }
        })
        expect(await tables.write(packer.pack(toColumns(readings)), [], [])).toEqual(expected)
      }
      for (const point of ['a/b/c', 'a/b/d']) {
        const [series] = await tables.range([{ point, from: 0, to: 100 }])
        const { times, values } = series!
        const held = [...model].filter(([key]) => key.startsWith(point))
        expect(times.map((time, i) => [`${point} ${time}`, values[i]]).sort()).toEqual(held.sort())
      }
      connection.closeSync()
      instance.closeSync()
    }),
    { numRuns: 25 },
  )
})

test('whole numbers are laid out as 64 bits', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), numbers => {
      expect([...bigints(Float64Array.from(numbers))]).toEqual(numbers.map(BigInt))
    }),
  )
  for (const number of [0.5, Number.NaN, Infinity, 2 ** 53]) {
    expect(() => bigints(Float64Array.of(number))).toThrow(RangeError)
  }
})
