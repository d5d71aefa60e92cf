/** Every driver there is: a folder of that name, of which the registry knows the declaration. */

export * as http from './http/declaration.ts'
export * as modbus from './modbus/declaration.ts'
export * as mqtt from './mqtt/declaration.ts'
export * as opcua from './opcua/declaration.ts'
