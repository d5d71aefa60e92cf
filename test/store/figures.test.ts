import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { openFigureStore } from '../../store/figures/figure-store.ts'
import type { FigureStore } from '../../store/figures.ts'

const HOUR = 3_600_000
const log = pino({ level: 'silent' })
let folder: string
let store: FigureStore

const open = () => openFigureStore({ file: join(folder, 'figures.duckdb'), log })
const hour = (index: number, amount: number): ConsumptionFigure => {
  return { start: index * HOUR, end: (index + 1) * HOUR, amount, coveredMs: HOUR, readings: 6 }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-figures-'))
  store = await open()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

test('gives figures back as they are, ascending, half open, also after a restart', async () => {
  const figures = [
    hour(2, 0),
    hour(0, 12),
    hour(1, -3),
    { ...hour(3, Number.MAX_SAFE_INTEGER), coveredMs: 0, readings: 0 },
  ]
  await store.replace('m-1', 'hour', 0, 4 * HOUR, figures)
  const ascending = figures.toSorted((a, b) => a.start - b.start)
  expect(await store.consumption('m-1', 'hour', 0, 4 * HOUR)).toEqual(ascending)
  await store.close()
  store = await open()
  expect(await store.consumption('m-1', 'hour', HOUR, 3 * HOUR)).toEqual(ascending.slice(1, 3))
})

test('replaces what lies in the range: what is not given again is gone', async () => {
  await store.replace('m-1', 'hour', 0, 4 * HOUR, [hour(0, 1), hour(1, 2), hour(2, 3), hour(3, 4)])
  await store.replace('m-1', 'hour', HOUR, 3 * HOUR, [hour(2, 30)])
  expect(await store.consumption('m-1', 'hour', 0, 9 * HOUR)).toEqual([hour(0, 1), hour(2, 30), hour(3, 4)])
  await store.replace('m-1', 'hour', 0, 9 * HOUR, [])
  expect(await store.consumption('m-1', 'hour', 0, 9 * HOUR)).toEqual([])
})

test('touches neither other meters nor other periods', async () => {
  const day = { ...hour(0, 24), end: 24 * HOUR }
  await store.replace("m-'2'", 'hour', 0, HOUR, [hour(0, 7)])
  await store.replace('m-1', 'day', 0, HOUR, [day])
  await store.replace('m-1', 'hour', 0, HOUR, [hour(0, 5)])
  await store.replace('m-1', 'hour', 0, HOUR, [hour(0, 6)])
  expect(await store.consumption("m-'2'", 'hour', 0, HOUR)).toEqual([hour(0, 7)])
  expect(await store.consumption('m-1', 'day', 0, HOUR)).toEqual([day])
  expect(await store.allConsumption('hour', 0, HOUR)).toEqual([
    { meter: "m-'2'", ...hour(0, 7) },
    { meter: 'm-1', ...hour(0, 6) },
  ])
})

test('keeps all of the old figures when the new ones cannot be written', async () => {
  await store.replace('m-1', 'hour', 0, 2 * HOUR, [hour(0, 1), hour(1, 2)])
  const broken = store.replace('m-1', 'hour', 0, 2 * HOUR, [hour(0, 10), hour(1, 0.5)])
  await expect(broken).rejects.toThrow()
  const outside = store.replace('m-1', 'hour', 0, HOUR, [hour(0, 10), hour(1, 20)])
  await expect(outside).rejects.toThrow('meter m-1 starts at 1970-01-01T01:00:00.000Z')
  expect(await store.consumption('m-1', 'hour', 0, 2 * HOUR)).toEqual([hour(0, 1), hour(1, 2)])
})

test('of much that is asked at once, one that cannot be keeps no other from it, and the last one of a meter holds', async () => {
  const meters = Array.from({ length: 600 }, (_, n) => `m-${n}`)
  const outcomes = await Promise.allSettled([
    ...meters.flatMap((meter, n) => [
      store.replace(meter, 'hour', 0, 9 * HOUR, [hour(0, n), hour(3, n)]),
      store.replace(meter, 'day', 0, 9 * HOUR, [hour(0, 2 * n)]),
      store.replace(meter, 'hour', HOUR, 9 * HOUR, [hour(1, n === 7 ? 0.5 : n + 1), hour(2, 0)]),
    ]),
    ...meters.map(meter => store.setBasis(meter, `${meter} once`)),
    ...meters.map(meter => store.setBasis(meter, meter)),
  ])
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
  const found = await Promise.all(
    meters.flatMap(meter => [
      store.consumption(meter, 'hour', 0, 3 * HOUR),
      store.consumption(meter, 'day', 0, 9 * HOUR),
      store.basis(meter),
    ]),
  )
  const expected = meters.flatMap((meter, n) => [
    n === 7 ? [hour(0, 7)] : [hour(0, n), hour(1, n + 1), hour(2, 0)],
    [hour(0, 2 * n)],
    meter,
  ])
  expect(found).toEqual(expected)
  expect(await store.consumption('m-7', 'hour', 3 * HOUR, 4 * HOUR)).toEqual([hour(3, 7)])
})

test('orders figures of all meters by meter, then start', async () => {
  await store.replace('b', 'month', 0, 99 * HOUR, [hour(5, 1), hour(1, 2)])
  await store.replace('a', 'month', 0, 99 * HOUR, [hour(7, 3)])
  const found = await store.allConsumption('month', 0, 99 * HOUR)
  expect(found.map(({ meter, start }) => [meter, start / HOUR])).toEqual([
    ['a', 7],
    ['b', 1],
    ['b', 5],
  ])
})

test('keeps by what the figures of a meter were computed', async () => {
  expect(await store.basis('m-1')).toBeUndefined()
  await store.setBasis('m-1', 'one')
  await store.setBasis('m-2', 'other')
  await store.setBasis('m-1', 'two')
  await store.close()
  store = await open()
  expect([await store.basis('m-1'), await store.basis('m-2')]).toEqual(['two', 'other'])
})

test('keeps what was left out until its hours are replaced, counts all of it and tells the newest', async () => {
  const excluded = (...hours: number[]) =>
    hours.map(at => ({ time: at * HOUR + 1, value: at, reason: 'spurious' as const }))
  expect(await store.exclusions(0, 9 * HOUR, 5)).toEqual([])
  await store.replace('m-1', 'hour', 0, 4 * HOUR, [hour(0, 1)], excluded(0, 1, 3))
  await store.replace('m-2', 'hour', 0, 4 * HOUR, [], [{ time: 7, value: 'E04', reason: 'not-a-number' }])
  await store.replace('m-1', 'day', 0, 24 * HOUR, [])
  await store.close()
  store = await open()
  expect(await store.exclusions(0, 9 * HOUR, 2)).toEqual([
    { meter: 'm-1', count: 3, newest: excluded(1, 3) },
    { meter: 'm-2', count: 1, newest: [{ time: 7, value: 'E04', reason: 'not-a-number' }] },
  ])
  await store.replace('m-1', 'hour', 0, 2 * HOUR, [], excluded(1))
  expect(await store.exclusions(HOUR, 9 * HOUR, 9)).toEqual([
    { meter: 'm-1', count: 2, newest: excluded(1, 3) },
  ])
})
