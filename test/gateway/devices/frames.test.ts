import { describe, expect, it } from 'vitest'
import { decodeAnswer } from '../../../gateway/drivers/modbus/decode.ts'
import { type ModbusPoint, planRequests } from '../../../gateway/drivers/modbus/plan-requests.ts'
import { crc16, type ModbusTable } from '../../../model/modbus.ts'
import type { DeviceFile } from '../../../registry/schema.ts'
import { modbusPoint } from '../points.ts'
import { shippedDevices } from './shipped.ts'

const TABLES: Readonly<Record<number, ModbusTable>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' }

/** Registers of a device that follow each other from `address`, and what it showed. */
interface Shown {
  table: ModbusTable | undefined
  address: number
  registers: number[]
  values: DeviceFile['examples'][number]['values']
}

function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex')
  expect(crc16(bytes), `the sum of ${text}`).toBe(0)
  return bytes
}

/** Half a step of the last digit that was shown, or of a float of 32 bits where that shows more. */
function toleranceOf(shown: number): number {
  const decimals = String(shown).split('.')[1]?.length ?? 0
  return Math.max(0.5 * 10 ** -decimals + 1e-9, Math.abs(shown) * 2 ** -24)
}

function shownByFrame({ request, answer, values }: DeviceFile['frames'][number]): Shown {
  const asked = bytesOf(request)
  const said = bytesOf(answer)
  expect([...said.subarray(0, 2)]).toEqual([...asked.subarray(0, 2)])
  const registers = Array.from({ length: said[2]! / 2 }, (_, i) => said.readUInt16BE(3 + 2 * i))
  expect(registers).toHaveLength(asked.readUInt16BE(4))
  return { table: TABLES[asked[1]!], address: asked.readUInt16BE(2), registers, values }
}

function shownByExample({ words, ...rest }: DeviceFile['examples'][number]): Shown {
  return { ...rest, registers: words.split(' ').map(word => Number.parseInt(word, 16)) }
}

function expectDecoded(file: DeviceFile, { table, address, registers, values }: Shown): void {
  const points = Object.keys(values).map((name): ModbusPoint => {
    const { modbus, quantity } = file.points[name]!
    return { point: modbusPoint(name, modbus, { quantity }), unit: 1, source: modbus! }
  })
  const count = registers.length
  const [plan, ...others] = planRequests(points, { maxGap: count })
  expect(others).toEqual([])
  expect(plan!.table).toBe(table)
  expect(plan!.address).toBeGreaterThanOrEqual(address)
  expect(plan!.address + plan!.count).toBeLessThanOrEqual(address + count)
  const samples = decodeAnswer({ ...plan!, address, count }, registers)
  expect(samples).toHaveLength(points.length)
  for (const { point, value } of samples) {
    const shown = values[point.name]!
    if (typeof shown !== 'number') expect(value, point.name).toBe(shown)
    else expect(Math.abs((value as number) - shown), point.name).toBeLessThanOrEqual(toleranceOf(shown))
  }
}

const real = (await shippedDevices()).filter(({ model }) => !model.startsWith('generic/'))
const withData = real.filter(({ file }) => file.frames.length + file.examples.length > 0)

describe('the library', () => {
  it('has forty real devices, of which twenty-five with words that it decodes', () => {
    expect(real.length).toBeGreaterThanOrEqual(40)
    expect(withData.length).toBeGreaterThanOrEqual(25)
  })
})

describe('a device that was checked by a frame', () => {
  it('has words that it answered, or that its maker prints, and no other has', () => {
    for (const { model, file } of real)
      expect(file.frames.length > 0 || file.examples.some(({ by }) => by !== 'hand'), model).toBe(
        file.checked === 'frame',
      )
  })
})

describe('a device that was checked by a table of its manual', () => {
  it('has words that were written by hand after it', () => {
    for (const { model, file } of real)
      if (file.checked === 'manual') expect(file.examples.length, model).toBeGreaterThan(0)
  })
})

it.each(withData)('$model decodes its words to what it showed', ({ file }) => {
  for (const frame of file.frames) expectDecoded(file, shownByFrame(frame))
  for (const example of file.examples) expectDecoded(file, shownByExample(example))
})
