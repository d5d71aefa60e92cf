import type { Connection } from '../../registry/schema.ts'
import type { CreateDriver } from '../driver.ts'

type DriverName = Connection['driver']

/** Every driver there is, loaded only where a connection uses it. */
export const drivers: {
  readonly [Name in DriverName]: () => Promise<CreateDriver<Extract<Connection, { driver: Name }>>>
} = {
  modbus: async () => (await import('./modbus/modbus.ts')).createModbusDriver,
  mqtt: async () => (await import('./mqtt/mqtt.ts')).createMqttDriver,
  opcua: async () => (await import('./opcua/opcua.ts')).createOpcuaDriver,
}
