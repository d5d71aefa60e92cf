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
  const stored = await tables.range('a/b/c', 0, 8e15)
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
