import { describe, expect, it } from 'vitest'
import { decodeAnswer } from '../../../gateway/drivers/modbus/decode.ts'
import { type ModbusPoint, planRequests } from '../../../gateway/drivers/modbus/plan-requests.ts'
import { crc16, type ModbusTable } from '../../../model/modbus.ts'
import { modbusPoint } from '../points.ts'
import { shippedDevices } from './shipped.ts'

const TABLES: Readonly<Record<number, ModbusTable>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' }

function bytesOf(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll(' ', ''), 'hex')
  expect(crc16(bytes), `the sum of ${text}`).toBe(0)
  return bytes
}

/** Half a step of the last digit that was shown. */
function toleranceOf(shown: number): number {
  const decimals = String(shown).split('.')[1]?.length ?? 0
  return 0.5 * 10 ** -decimals
}

const devices = await shippedDevices()
const withFrames = devices.filter(({ file }) => file.frames.length > 0)

describe('a device that was checked by a frame', () => {
  it('has one, and no other has', () => {
    for (const { model, file } of devices)
      expect(file.frames.length > 0, model).toBe(file.checked === 'frame')
    expect(withFrames.length).toBeGreaterThanOrEqual(3)
  })

  it.each(withFrames)('$model decodes what it answered to what it showed', ({ file }) => {
    for (const { request, answer, values } of file.frames) {
      const asked = bytesOf(request)
      const said = bytesOf(answer)
      const [unit, code] = [asked[0]!, asked[1]!]
      expect([...said.subarray(0, 2)]).toEqual([unit, code])
      const [address, count] = [asked.readUInt16BE(2), asked.readUInt16BE(4)]
      const registers = Array.from({ length: said[2]! / 2 }, (_, i) => said.readUInt16BE(3 + 2 * i))
      expect(registers).toHaveLength(count)
      const points = Object.keys(values).map((name): ModbusPoint => {
        const { modbus, quantity } = file.points[name]!
        return { point: modbusPoint(name, modbus, { quantity }), unit, source: modbus! }
      })
      const [plan] = planRequests(points, { maxGap: count })
      expect(plan).toMatchObject({ table: TABLES[code], unit })
      expect(plan!.address).toBeGreaterThanOrEqual(address)
      const samples = decodeAnswer({ ...plan!, address, count }, registers)
      for (const { point, value } of samples) {
        const shown = values[point.name]!
        if (typeof shown !== 'number') expect(value).toBe(shown)
        else expect(Math.abs((value as number) - shown)).toBeLessThanOrEqual(toleranceOf(shown))
      }
    }
  })
})
