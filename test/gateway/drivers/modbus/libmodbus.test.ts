import { describe, expect, it } from 'vitest'
import { createDriver } from '../../../../gateway/drivers/modbus/modbus.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { findPeer } from '../../../peers/cache.ts'
import { type LibmodbusContents, startLibmodbus } from '../../../peers/python.ts'
import { Collector, clock, log, told } from '../../collector.ts'
import { modbusConnection, modbusPoint } from '../../points.ts'

const UNIT = 7

/** Written out by hand from the formats, so that an error that our encoder shares with our decoder is seen. */
const HOLDING = {
  uint16: [0x9c40],
  int16: [0xfffe],
  uint32: [0x0102, 0x0304],
  int32: [0xfefd, 0xfcfc],
  uint48: [0x0000, 0x0001, 0x86a0],
  uint64: [0x0000, 0x0000, 0x00bc, 0x614e],
  bcd16: [0x1234],
  bcd32: [0x1122, 0x3344],
  string: [0x6945, 0x4d33, 0x3135, 0x3500],
  float64: [0x4093, 0x4a45, 0x84f4, 0xc6e7],
  'float-abcd': [0x41aa, 0x0000],
  'float-badc': [0x21b4, 0xb00f],
  'float-cdab': [0x2065, 0x47f1],
  'float-dcba': [0xcdcc, 0xccbd],
  before: [1],
  'refused-address': [2],
  between: [3],
  'refused-value': [4],
}
type HoldingName = keyof typeof HOLDING
const NAMES = Object.keys(HOLDING) as HoldingName[]

/** The first register of each. */
const addressOf = (name: HoldingName) =>
  NAMES.slice(0, NAMES.indexOf(name)).reduce((sum, before) => sum + HOLDING[before].length, 0)

const CONTENTS: LibmodbusContents = {
  unit: UNIT,
  tables: {
    holding: NAMES.flatMap(name => HOLDING[name]),
    input: [0xff38, 0x3930],
    coil: [false, true, false],
    discrete: [true, false, true],
  },
  refused: { [addressOf('refused-address')]: 2, [addressOf('refused-value')]: 3 },
}

type Source = Parameters<typeof modbusPoint>[1]
type Options = Parameters<typeof modbusPoint>[2]

function holding(name: HoldingName, source: Source = {}, options?: Options): Point {
  return modbusPoint(name, { unit: UNIT, address: addressOf(name), ...source }, options)
}

/** What is read of each point. */
const READS: [Point, string][] = [
  [holding('uint16'), '40000'],
  [holding('int16', { type: 'int16' }), '-2'],
  [holding('uint32', { type: 'uint32' }), '16909060'],
  [holding('int32', { type: 'int32', wordOrder: 'little' }), '-50528515'],
  [holding('uint48', { type: 'uint48' }), '100000'],
  [holding('uint64', { type: 'uint64', scale: 0.001 }), '12345.678'],
  [holding('bcd16', { type: 'bcd16' }), '1234'],
  [holding('bcd32', { type: 'bcd32' }), '11223344'],
  [holding('string', { type: 'string', length: 4 }, { quantity: 'identification' }), 'iEM3155'],
  [holding('float64', { type: 'float64' }), '1234.56789'],
  [holding('float-abcd', { type: 'float32' }), '21.25'],
  [holding('float-badc', { type: 'float32', byteOrder: 'little' }), '-1.5e-7'],
  [holding('float-cdab', { type: 'float32', wordOrder: 'little' }), '123456.79'],
  [holding('float-dcba', { type: 'float32', wordOrder: 'little', byteOrder: 'little' }), '-0.1'],
  [holding('before'), '1'],
  [holding('refused-address'), 'bad:exception'],
  [holding('between'), '3'],
  [holding('refused-value'), 'bad:exception'],
  [modbusPoint('beyond', { unit: UNIT, address: 300 }), 'bad:exception'],
  [modbusPoint('input', { unit: UNIT, table: 'input', type: 'int16', scale: 0.1 }), '-20'],
  [modbusPoint('swapped', { unit: UNIT, table: 'input', address: 1, byteOrder: 'little' }), '12345'],
  [modbusPoint('coil', { unit: UNIT, table: 'coil', address: 1, type: 'bool' }), 'true'],
  [modbusPoint('discrete', { unit: UNIT, table: 'discrete', address: 1, type: 'bool' }), 'false'],
]

async function expectAll(fields: Partial<ModbusConnection>): Promise<void> {
  const connection = modbusConnection({ timeout: 1000, ...fields })
  const session = closeLater(await createDriver({ connection, folder: '', clock, log }).connect())
  const { all, deliver } = new Collector()
  const points = READS.map(([point]) => point)
  await session.read(points, deliver)
  expect(told(all).sort()).toEqual(READS.map(([{ name }, read]) => `${name}=${read}`).sort())
}

describe.runIf(findPeer('mbpoll') && findPeer('python'))('a server of libmodbus is read to the digit', () => {
  it('over TCP', async () => {
    const { port } = closeLater(await startLibmodbus('tcp', CONTENTS))
    await expectAll({ port })
  })

  it('over a serial line', async () => {
    const { path } = closeLater(await startLibmodbus('serial', CONTENTS))
    const serial = { path, baudRate: 9600, parity: 'none', dataBits: 8, stopBits: 1 } as const
    await expectAll({ host: undefined, serial })
  })
})
