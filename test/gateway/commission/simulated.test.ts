import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { judge } from '../../../gateway/commission/judge.ts'
import { createObserver } from '../../../gateway/commission/observe.ts'
import { createDriver } from '../../../gateway/drivers/modbus/modbus.ts'
import { toReading } from '../../../gateway/to-reading.ts'
import type { Point } from '../../../registry/registry.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'
import { startSimulators } from '../../../simulators/simulators.ts'
import { closeLater } from '../../close-later.ts'
import { log, registry, SEED } from '../../simulators/territory.ts'

/** A Wednesday in winter at ten in the morning: the collège uses electricity. */
const FROM = Date.UTC(2026, 0, 14, 9)
const TEN_MINUTES = 600_000
const EVERY = 10_000

/** What commissioning says of the index of a simulated meter after ten minutes, read with scales of its own. */
async function commissioned(scales: { index?: number; power?: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-commission-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const clock = { time: FROM, now: () => clock.time, elapsed: () => clock.time }
  const simulators = closeLater(
    await startSimulators({ registry, seed: SEED, ports: 'any', clock, log, folder }),
  )
  const connection = registry.gateways.get('gw')!.connections[0] as ModbusConnection
  const address = simulators.addresses.get('modbus')!
  const session = closeLater(await createDriver({ connection, address, folder, clock, log }).connect())
  const points = (['index', 'power'] as const).map(name => {
    const point = registry.points.get(`college/electricite/${name}`)!
    if (point.source.driver !== 'modbus') throw new Error(`${point.id} is not read over Modbus`)
    const { modbus } = point.source
    const scale = scales[name] ?? modbus.scale
    return { ...point, source: { ...point.source, modbus: { ...modbus, scale } } } satisfies Point
  })
  const observer = createObserver(points)
  for (; clock.time <= FROM + TEN_MINUTES; clock.time += EVERY) {
    await session.read(points, samples => {
      for (const sample of samples) observer.read(toReading(sample, clock.time))
    })
  }
  const { verdict, words } = judge(observer.observations, new Map())[0]!.checks.energy
  return `${verdict}${words ? `: ${words.en}` : ''}`
}

it('ten minutes of a simulated meter: the rise of its index is the integral of its power', async () => {
  expect(await commissioned({})).toBe('pass')
})

it.each([
  [{ index: 0.01 }, /; the index: 10 times too large: check the scale and the unit of the point$/],
  [{ index: 0.000001 }, /; the index: 1000 times too small: check the scale and the unit of the point$/],
  [{ index: 0.03 }, /; the index: (?:29|30|31)(?:\.\d+)? times too large: .*transformer/],
  [{ power: 0.025 }, /; the index: (?:39|40|41)(?:\.\d+)? times too large: .*transformer/],
  [{ power: -1 }, /; the index: the sign is reversed \(direction of the current transformers/],
])('ten minutes of a simulated meter that is read with %j', async (scales, said) => {
  const words = await commissioned(scales)
  expect(words).toMatch(/^fail: the index rose by [\d.]+ kWh, "Active power" makes it -?[\d.]+ kWh/)
  expect(words).toMatch(said)
})
