import { registersToValue } from '../../../model/scale.ts'
import type { Sample } from '../../driver.ts'
import type { ModbusPoint, ModbusRequest } from './plan-requests.ts'
import { addressCount } from './plan-requests.ts'

/** The samples of a request's points in the registers or bits that answered it: as many as it asked for. */
export function decodeAnswer(request: ModbusRequest, data: readonly number[]): Sample[] {
  return request.points.map(point => {
    const from = point.source.address - request.address
    return decodePoint(point, data.slice(from, from + addressCount(point.source)))
  })
}

/** What is in a point's registers, or in its one bit (0 or 1). */
function decodePoint({ point, source }: ModbusPoint, data: readonly number[]): Sample {
  try {
    const value = registersToValue(source, data)
    if (value === undefined) return { point, value: null, quality: 'bad:sensor-fault' }
    return { point, value, quality: 'good' }
  } catch (error) {
    // No number holds a 64-bit integer exactly, a decimal has a digit beyond 9, or nothing names a state.
    if (error instanceof RangeError) return { point, value: null, quality: 'bad:undecodable' }
    throw error
  }
}
