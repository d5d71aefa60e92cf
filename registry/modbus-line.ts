import type { ModbusConnection } from './schema.ts'

/** How the messages of a connection are framed; a serial line is RTU. */
export function framingOf({ serial, framing }: ModbusConnection): ModbusConnection['framing'] {
  return serial ? 'rtu' : framing
}

/** What a connection must have for itself: a serial line, or a Modbus server, answers one request at a time. */
export function lineOf({ host, port, serial }: ModbusConnection): string | undefined {
  if (serial) return serial.path
  return host === undefined || port === 0 ? undefined : `${host}:${port}`
}
