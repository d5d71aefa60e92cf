import { expect, it } from 'vitest'
import { storedReadings, writeReadings } from '../../ingest/write-readings.ts'
import type { LedgerEntry } from '../../model/ledger.ts'
import { toColumns } from '../../model/reading.ts'
import { StoreUnavailableError } from '../../store/readings.ts'
import { reading, readings } from '../bus/fixtures.ts'
import { memoryStore } from './memory-store.ts'

const position = { sender: 'gateway', stream: 'measures', run: 'r', upTo: 50, ranges: [] } as const
const positions = [{ ...position, ranges: [] }]
const hour = { sender: 'gateway', stream: 'measures', hour: 0 } as const
const account = (faulty: ReadonlySet<number>): LedgerEntry[] => {
  return [
    { ...hour, outcome: 'prompt', count: 50 - faulty.size },
    ...(faulty.size > 0 ? [{ ...hour, outcome: 'quarantined' as const, count: faulty.size }] : []),
  ]
}

const setAside = async () => {}

it('refuses the readings on which the store fails, and them alone', async () => {
  const store = memoryStore()
  store.isPoison = ({ value }) => value === 13 || value === 44
  const columns = toColumns(readings(1, 50))
  const written = await writeReadings(store, columns, positions, account, setAside)
  expect(written.written).toBe(48)
  expect(written.faults).toEqual([
    { index: 12, kind: 'refused', reason: `cannot write ${reading(13).point}` },
    { index: 43, kind: 'refused', reason: `cannot write ${reading(44).point}` },
  ])
  expect(await store.positions()).toEqual(positions)
  const expected = readings(1, 50).filter(store.isPoison)
  expect(storedReadings(columns, written).values).toEqual(
    columns.values.filter(value => !expected.some(poison => poison.value === value)),
  )
})

it('finds the place of a conflict, also after halving', async () => {
  const store = memoryStore()
  await store.write(toColumns([{ ...reading(30), value: -1 }]), [])
  store.isPoison = ({ value }) => value === 13
  const { faults } = await writeReadings(store, toColumns(readings(1, 50)), positions, account, setAside)
  expect(faults.map(({ index, kind }) => [index, kind])).toEqual([
    [12, 'refused'],
    [29, 'conflict'],
  ])
  expect(await store.ledger(0, 1)).toEqual(account(new Set([12, 29])))
})

it('counts a conflict as set aside, not as stored', async () => {
  const store = memoryStore()
  await store.write(toColumns([{ ...reading(30), value: -1 }]), [])
  const columns = toColumns(readings(1, 50))
  await writeReadings(store, columns, positions, account, setAside)
  expect(await store.positions()).toEqual(positions)
  expect(await store.ledger(0, 1)).toEqual(account(new Set([29])))
  await writeReadings(store, columns, positions, account, setAside)
  expect(await store.ledger(0, 1)).toEqual(account(new Set([29])))
})

it('sets a conflict aside before its position is stored, so that no kill in between loses it', async () => {
  const store = memoryStore()
  await store.write(toColumns([{ ...reading(30), value: -1 }]), [])
  const columns = toColumns(readings(1, 50))
  const killed = async () => {
    throw new Error('killed')
  }
  await expect(writeReadings(store, columns, positions, account, killed)).rejects.toThrow('killed')
  expect(await store.positions()).toEqual([])
  const kept: unknown[] = []
  await writeReadings(store, columns, positions, account, async faults => void kept.push(...faults))
  expect(kept).toMatchObject([{ index: 29, kind: 'conflict' }])
  expect(await store.positions()).toEqual(positions)
})

it('takes a store that fails on everything for unavailable', async () => {
  const store = memoryStore()
  store.isPoison = () => true
  await expect(
    writeReadings(store, toColumns(readings(1, 5000)), positions, account, setAside),
  ).rejects.toThrow(StoreUnavailableError)
  expect(await store.positions()).toEqual([])
  expect(store.writes).toBeLessThan(500)
})

it('does not halve when the store is away', async () => {
  const store = memoryStore()
  store.unavailable = true
  await expect(
    writeReadings(store, toColumns(readings(1, 50)), positions, account, setAside),
  ).rejects.toThrow(StoreUnavailableError)
  expect(store.writes).toBe(1)
})
