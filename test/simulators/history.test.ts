import { expect, test } from 'vitest'
import type { ReadingColumns } from '../../model/reading.ts'
import { measuredPoints } from '../../registry/registry.ts'
import { simulateHistory } from '../../simulators/history.ts'
import { DAY, HOUR, registry, SEED, show } from './territory.ts'

const FROM = Date.parse('2026-03-28T12:34:56.789Z')

async function simulate(from: number, to: number, stepMs = 600_000): Promise<ReadingColumns[]> {
  return Array.fromAsync(simulateHistory({ registry, seed: SEED, from, to, stepMs }))
}

const rows = (chunks: ReadingColumns[]) =>
  chunks.flatMap(({ points, times, values, qualities, gatewayTimes }) =>
    points.map((point, at) => ({
      point,
      time: times[at]!,
      value: values[at],
      quality: qualities[at],
      gatewayTime: gatewayTimes[at],
    })),
  )

test('ascends in time, on the multiples that gateways poll at, all points, half-open', async () => {
  const to = FROM + 2 * DAY
  const all = rows(await simulate(FROM, to))
  expect(all.every((row, at) => at === 0 || row.time >= all[at - 1]!.time)).toBe(true)
  const byPoint = Map.groupBy(all, row => row.point)
  expect([...byPoint.keys()].sort()).toEqual(
    measuredPoints(registry)
      .map(({ id }) => id)
      .sort(),
  )
  for (const [id, readings] of byPoint) {
    const { quantity, interval } = registry.points.get(id)!
    const step = quantity.kind === 'index' ? interval : Math.max(interval, 600_000)
    const grid = Array.from({ length: (2 * DAY) / step }, (_, at) => (Math.ceil(FROM / step) + at) * step)
    expect(readings.map(row => row.time)).toEqual(grid)
  }
  const edge = Math.ceil(FROM / HOUR) * HOUR
  expect(
    rows(await simulate(edge, edge + 600_000)).filter(row => row.point === 'college/eau/index'),
  ).toHaveLength(1)
})

test('every reading is good and carries its value', async () => {
  for (const row of rows(await simulate(FROM, FROM + 3 * HOUR))) {
    expect(row).toMatchObject({ quality: 'good', gatewayTime: row.time })
    expect(row.value, row.point).not.toBeNull()
  }
})

test('two spans that meet are one, over the change of the clocks', async () => {
  const [middle, end] = [FROM + DAY / 2, FROM + DAY]
  const parts = [...(await simulate(FROM, middle)), ...(await simulate(middle, end))]
  expect(rows(parts)).toEqual(rows(await simulate(FROM, end)))
})

test('values have the digits of their registers', async () => {
  const all = rows(await simulate(FROM, FROM + HOUR))
  const digits = (point: string) =>
    Math.max(
      ...all.filter(row => row.point === point).map(row => (String(row.value).split('.')[1] ?? '').length),
    )
  expect(digits('college/electricite/index')).toBe(3)
  expect(digits('station/meteo/air')).toBe(1)
  expect(digits('station/comptage/vehicles')).toBe(0)
  const exact = all.filter(row => row.point === 'college/electricite/index')
  for (const row of exact) expect(row.value).toBe(show(row.point, row.time))
})

test.each([
  ['beyond its integers', { offset: 10_000 }],
  ['beyond its floats', { type: 'float32', scale: 1e-39 }],
] as const)('a value %s is a bad reading without a value', async (_, layout) => {
  const point = registry.points.get('station/meteo/visibility')!
  if (point.source.driver !== 'modbus') throw new Error('no Modbus point')
  const source = { ...point.source, modbus: { ...point.source.modbus, ...layout } }
  const broken = { ...registry, points: new Map([[point.id, { ...point, source }]]) }
  for await (const columns of simulateHistory({
    registry: broken,
    seed: SEED,
    from: FROM,
    to: FROM + HOUR,
  })) {
    expect(new Set(columns.values)).toEqual(new Set([null]))
    expect(new Set(columns.qualities)).toEqual(new Set(['bad:exception']))
  }
})
