import type { ModbusSource } from './schema.ts'

/** How many 16-bit registers a value of this type takes; a bool in a register takes its whole register. */
export function registerCount(type: ModbusSource['type']): 1 | 2 | 4 {
  if (type.endsWith('64')) return 4
  return type.endsWith('32') ? 2 : 1
}
