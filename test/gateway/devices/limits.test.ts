import { describe, expect, it } from 'vitest'
import { decodeAnswer } from '../../../gateway/drivers/modbus/decode.ts'
import { planRequests } from '../../../gateway/drivers/modbus/plan-requests.ts'
import { QUANTITIES } from '../../../model/quantity.ts'
import { bitCount, registerCount } from '../../../model/register-values.ts'
import type { DeviceFile } from '../../../registry/schema.ts'
import { modbusPoint } from '../points.ts'
import { shippedDevices } from './shipped.ts'

type ModbusSource = NonNullable<DeviceFile['points'][string]['modbus']>

const real = (await shippedDevices()).filter(({ model }) => !model.startsWith('generic/'))
const points = real.flatMap(({ model, file }) =>
  Object.entries(file.points).map(([name, point]) => ({ model, name, ...point })),
)

describe('limits of the library', () => {
  it('are two for each measure, and the lower one for each index', () => {
    const wanting = points.filter(({ quantity, min, max }) => {
      const { kind, value } = QUANTITIES[quantity]
      if (value !== 'number') return false
      return kind === 'measure' ? !(min! < max!) : min === undefined
    })
    expect(wanting.map(({ model, name }) => `${model}/${name}`)).toEqual([])
  })
})

/** The registers in which a device says this number. */
function registersOf({ type, wordOrder, byteOrder }: ModbusSource, raw: number): number[] {
  const bytes = new DataView(new ArrayBuffer(bitCount(type) / 8))
  if (type === 'float32') bytes.setFloat32(0, raw)
  else if (type === 'float64') bytes.setFloat64(0, raw)
  // All ones are 2^64 as a number.
  else if (bytes.byteLength === 8) bytes.setBigUint64(0, raw === 2 ** 64 ? -1n : BigInt(raw))
  else if (bytes.byteLength === 4) bytes.setUint32(0, raw)
  else bytes.setUint16(0, raw)
  const words = Array.from({ length: bytes.byteLength / 2 }, (_, i) =>
    bytes.getUint16(2 * i, byteOrder === 'little'),
  )
  return wordOrder === 'little' ? words.reverse() : words
}

describe('what a device of the library answers where it has no value', () => {
  const sentinels = points.flatMap(({ model, name, quantity, modbus }) =>
    modbus ? (modbus.unavailable ?? []).map(raw => ({ model, name, quantity, modbus, raw })) : [],
  )

  it('is named for many', () => {
    expect(new Set(sentinels.map(({ model }) => model)).size).toBeGreaterThanOrEqual(5)
  })

  it.each(sentinels)('$model/$name: $raw is bad:sensor-fault', ({ name, quantity, modbus, raw }) => {
    const point = { point: modbusPoint(name, modbus, { quantity }), unit: 1, source: modbus }
    const [plan] = planRequests([point], { maxGap: 0 })
    expect(plan!.count).toBe(registerCount(modbus))
    expect(decodeAnswer(plan!, registersOf(modbus, raw))).toMatchObject([{ quality: 'bad:sensor-fault' }])
  })

  const floats = points.filter(({ modbus }) => modbus?.type.startsWith('float'))
  it('is NaN in a float, and bad:sensor-fault', () => {
    for (const { name, quantity, modbus } of floats) {
      const point = { point: modbusPoint(name, modbus, { quantity }), unit: 1, source: modbus! }
      const [plan] = planRequests([point], { maxGap: 0 })
      expect(decodeAnswer(plan!, registersOf(modbus!, Number.NaN))).toMatchObject([
        { quality: 'bad:sensor-fault' },
      ])
    }
  })
})
