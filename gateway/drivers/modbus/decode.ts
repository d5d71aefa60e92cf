import { registersToValue } from '../../../model/scale.ts'
import type { ModbusSource } from '../../../registry/schema.ts'
import type { Sample } from '../../driver.ts'
import type { ModbusPoint, ModbusRequest } from './plan-requests.ts'
import { addressCount } from './plan-requests.ts'

/** The samples of a request's points in the registers or bits that answered it: as many as it asked for. */
export function decodeAnswer(request: ModbusRequest, data: readonly number[]): Sample[] {
  return request.points.map(({ point, source }: ModbusPoint) => {
    const from = source.address - request.address
    const value = decodeValue(source, data.slice(from, from + addressCount(source)))
    return value === undefined
      ? { point, value: null, quality: 'bad:undecodable' }
      : { point, value, quality: 'good' }
  })
}

/** The value in its registers, or in its one bit (0 or 1); `undefined` when they hold none. */
function decodeValue(source: ModbusSource, data: readonly number[]): number | boolean | undefined {
  try {
    return registersToValue(source, data)
  } catch (error) {
    // A 64-bit integer that no number holds exactly.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
