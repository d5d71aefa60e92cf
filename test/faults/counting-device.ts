import { registers, startDevice } from '../gateway/drivers/modbus/device.ts'
import { type POINTS, UNITS } from './territory.ts'

/** A value that was given, and when, ms UTC. */
export interface Given {
  value: number
  at: number
}

/** A Modbus device of two units whose register counts up at each read, so that no value comes twice. */
export async function startCountingDevice() {
  const given: Record<keyof typeof POINTS, Given[]> = { indexes: [], measures: [] }
  const device = await startDevice((request, reply) => {
    const values = request.unit === UNITS.indexes ? given.indexes : given.measures
    const value = values.length + 1
    values.push({ value, at: Date.now() })
    reply(registers(request, [value >>> 16, value & 0xffff]))
  })
  return { port: device.port, given, close: device.close }
}

export type CountingDevice = Awaited<ReturnType<typeof startCountingDevice>>
