/** What the MODBUS Application Protocol 1.1b3 says of its four tables, for those who read and those who answer. */
export const MODBUS_TABLES = ['holding', 'input', 'coil', 'discrete'] as const
export type ModbusTable = (typeof MODBUS_TABLES)[number]

/** The most that one answer carries: clauses 6.1 to 6.4. */
export const MAX_REGISTERS = 125
export const MAX_BITS = 2000

/** Coils and discrete inputs are single bits; the other tables are 16-bit registers. */
export function isBitTable(table: ModbusTable): boolean {
  return table === 'coil' || table === 'discrete'
}

/** CRC-16 of a frame on a serial line, the low byte first: MODBUS over Serial Line 1.02, 6.2.2. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
