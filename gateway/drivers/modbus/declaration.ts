import type { Address } from '../../../model/address.ts'
import type { Misfit } from '../../../registry/driver-declaration.ts'
import type { ModbusSource } from '../../../registry/modbus-schema.ts'
import type { ModbusConnection } from '../../../registry/schema.ts'

export { checkModbusSource as checkSource } from '../../../registry/checks/modbus.ts'
export { lineOf } from '../../../registry/modbus-line.ts'
export {
  modbusConnectionFields as connection,
  modbusDeviceFields as device,
  modbusSourceSchema as source,
} from '../../../registry/modbus-schema.ts'

export function resolve(
  modbus: ModbusSource,
  { unit }: { unit: number },
): { unit: number; modbus: ModbusSource } {
  return { unit, modbus }
}

export function* checkConnection({ host, serial, framing }: ModbusConnection): Iterable<Misfit> {
  if (host === undefined && !serial) yield { path: [], message: 'has neither a host nor a serial line' }
  if (host !== undefined && serial) yield { path: [], message: 'has both a host and a serial line' }
  if (serial && framing === 'rtu') yield { path: [], message: 'framing is for a host: a serial line is RTU' }
}

/** A serial line has no address: who plays its devices listens where there is room. */
export function addressOf({ host = '127.0.0.1', port, serial }: ModbusConnection): Address {
  return { host, port: serial ? 0 : port }
}
