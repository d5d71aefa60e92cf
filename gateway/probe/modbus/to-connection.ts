import type { z } from 'zod'
import { toId } from '../../../model/point-id.ts'
import type { MeasuredQuantityName } from '../../../model/quantity.ts'
import type { Unit } from '../../../model/units.ts'
import type { connectionSchemas, ModbusConnection } from '../../../registry/schema.ts'
import type { Place } from '../../drivers/modbus/registers.ts'
import type { Sighting } from './decodings.ts'

type ConnectionInput = z.input<(typeof connectionSchemas)['modbus']>
export type DeviceInput = ConnectionInput['devices'][number]

/** How often a point that a probe writes is read, until somebody knows better. */
const INTERVAL = '1min'

/** What was probed, as the registry says it: time-out and pause are the gateway's own again. */
export function toConnection(
  { host, port, framing, serial }: ModbusConnection,
  devices: DeviceInput[],
): ConnectionInput {
  const id = toId(`modbus-${serial?.path ?? host}`)
  if (serial) return { id, driver: 'modbus', serial, devices }
  return { id, driver: 'modbus', host, port, ...(framing === 'rtu' && { framing }), devices }
}

interface Meaning {
  quantity: MeasuredQuantityName
  unit: Unit
}

/** A point that reads a place by the decoding that fitted the display. */
export function toPoint(
  { quantity, unit }: Meaning,
  { table, address }: Place,
  { decoding, scale }: Pick<Sighting, 'decoding' | 'scale'>,
): NonNullable<DeviceInput['points']>[string] {
  const { types, wordOrder, byteOrder, registers } = decoding
  const modbus = {
    ...{ table, address, type: types[0] },
    ...(registers.length > 1 && wordOrder !== 'big' && { wordOrder }),
    ...(byteOrder === 'little' && { byteOrder }),
    ...(scale !== 1 && { scale }),
  }
  return { quantity, unit, interval: INTERVAL, modbus }
}
