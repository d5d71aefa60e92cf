import { describe, expect, it } from 'vitest'
import { createDriver } from '../../../../gateway/drivers/modbus/modbus.ts'
import { bitCount, REGISTER_ORDERS, type RegisterType } from '../../../../model/register-values.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusSource } from '../../../../registry/schema.ts'
import { mapUnit } from '../../../../simulators/modbus-map.ts'
import { startModbusServer } from '../../../../simulators/modbus-server.ts'
import { loadRecordings } from '../../../../simulators/recordings.ts'
import type { Signal } from '../../../../simulators/signals/instrument.ts'
import { createSignals } from '../../../../simulators/signals/signals.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { Collector, log } from '../../collector.ts'
import { loadLibrary } from '../../devices/library.ts'
import { modbusConnection, modbusPoint } from '../../points.ts'
import { asTelegraf, isKnownToTelegraf, readWithTelegraf } from './telegraf.ts'

/** A winter morning, at which the simulated devices stand still. */
const clock = { now: () => Date.UTC(2026, 0, 14, 9, 20), elapsed: () => performance.now() }

/** Values of each type, the ends of its range among them as far as a number holds them. */
const VALUES: Partial<Record<RegisterType, number[]>> = {
  uint16: [0, 1, 258, 32_768, 65_535],
  int16: [-32_768, -2, 0, 258, 32_767],
  uint32: [0, 16_909_060, 2_147_483_648, 4_294_967_295],
  int32: [-2_147_483_648, -2, 16_909_060, 2_147_483_647],
  uint64: [0, 72_623_859_790_382, Number.MAX_SAFE_INTEGER],
  int64: [Number.MIN_SAFE_INTEGER, -2, 72_623_859_790_382, Number.MAX_SAFE_INTEGER],
  float32: [-1.5, 0, 21.3, 1e-7, 3.25e20, 16_777_216],
  float64: [-1.5, 0, 21.3, 1e-7, Math.PI, 123_456_789.123_456_7],
}

function sourceOf({ id, source }: Point): ModbusSource {
  if (source.driver !== 'modbus') throw new Error(`${id} is no Modbus point`)
  return source.modbus
}

/** Reads a server that plays points with our driver and with Telegraf, and compares what both say of each. */
async function compare(points: readonly Point[], signals: ReadonlyMap<string, Signal>): Promise<number> {
  const byUnit = Map.groupBy(points, ({ source }) => (source.driver === 'modbus' ? source.unit : 0))
  const units = new Map([...byUnit].map(([unit, those]) => [unit, mapUnit(those, signals)]))
  const { port } = closeLater(await startModbusServer({ host: '127.0.0.1', port: 0, units, clock, log }))
  const driver = createDriver({
    connection: modbusConnection({ port, timeout: 5000 }),
    address: { host: '127.0.0.1', port },
    ...{ folder: '', clock, log },
  })
  const session = closeLater(await driver.connect())
  const ours = new Collector()
  await session.read(points, ours.deliver)
  expect(ours.all).toHaveLength(points.length)

  const known = points.filter(point => isKnownToTelegraf(sourceOf(point)))
  const theirs = await readWithTelegraf(port, known)
  for (const { point, value, quality } of ours.all) {
    if (!theirs.has(point.id)) continue
    expect([point.id, quality]).toEqual([point.id, 'good'])
    const source = sourceOf(point)
    expect(
      agree(source, asTelegraf(source, value!), theirs.get(point.id)!),
      disagreement(point, value, theirs),
    ).toBe(true)
  }
  return known.length
}

/**
 * Equal, to the last bit that the register has: Telegraf widens a single-precision number where we say its shortest
 * decimal, and rounds a scaled one in floats where we round the exact decimal.
 */
function agree(
  { type, scale, offset }: ModbusSource,
  ours: number | string,
  theirs: number | string,
): boolean {
  if (typeof ours === 'string' || typeof theirs === 'string') return ours === theirs
  if (type !== 'float32' && scale === 1 && offset === 0) return ours === theirs
  const precision = type === 'float32' ? 2 ** -24 : 2 ** -51
  return Math.abs(ours - theirs) <= precision * Math.max(Math.abs(theirs), Math.abs(offset))
}

function disagreement(point: Point, ours: unknown, theirs: ReadonlyMap<string, unknown>): string {
  return `${point.id}: ${ours} is ours, ${theirs.get(point.id)} is Telegraf's, of ${JSON.stringify(point.source)}`
}

describe.runIf(findPeer('telegraf'))('Telegraf and the gateway read the same', () => {
  it('of every type in every order of words and bytes, of bits and of scales', async () => {
    const points: Point[] = []
    const signals = new Map<string, Signal>()
    let address = 0
    const add = (value: number | boolean | string, source: Partial<ModbusSource>) => {
      const point = modbusPoint(`p${address}`, { address, ...source })
      points.push(point)
      signals.set(point.id, () => value)
      address += source.length ?? bitCount(source.type!) / 16
    }
    for (const [type, values] of Object.entries(VALUES) as [RegisterType, number[]][])
      for (const wordOrder of REGISTER_ORDERS)
        for (const byteOrder of REGISTER_ORDERS)
          for (const table of ['holding', 'input'] as const)
            for (const value of values) add(value, { type, wordOrder, byteOrder, table })
    for (const scale of [0.001, 0.1, 10]) {
      add(1234.5 * scale, { type: 'float64', scale })
      add(-1234 * scale, { type: 'int16', scale })
      add(4_294_967_291 * scale, { type: 'uint32', scale })
    }
    for (let bit = 0; bit < 16; bit++) add(bit % 3 === 0, { type: 'bool', bit })
    for (const value of [true, false]) {
      add(value, { type: 'bool', table: 'coil' })
      add(value, { type: 'bool', table: 'discrete' })
    }
    add('iEM3155', { type: 'string', length: 6 })
    expect(await compare(points, signals)).toBe(points.length)
  })

  it('of every device of the library', async () => {
    const registry = await loadLibrary()
    const points = [...registry.points.values()].filter(({ source }) => source.driver === 'modbus')
    const signals = createSignals({ registry, seed: 7, recordings: await loadRecordings() })
    const unknown = points.length - (await compare(points, signals))
    // BCD, 48 bits, some bits of a number, texts in other orders: few, or little was compared.
    expect(unknown).toBeLessThan(points.length / 10)
  })
})
