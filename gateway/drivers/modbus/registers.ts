import type { ModbusTable } from '../../../model/modbus.ts'

/**
 * How manuals number registers: by table, from 1, with the table in front of four or five digits
 * (40071 and 400071 are holding 70).
 */
const TABLE_DIGITS: Readonly<Record<string, ModbusTable>> = {
  0: 'coil',
  1: 'discrete',
  3: 'input',
  4: 'holding',
}

export interface Place {
  table: ModbusTable
  /** From 0, as on the wire. */
  address: number
}

/** @throws Error that says how registers are written. */
export function parseRegister(text: string): Place {
  const [, digit, number] = /^(\d)(\d{4,5})$/.exec(text) ?? []
  const table = digit === undefined ? undefined : TABLE_DIGITS[digit]
  const address = Number(number) - 1
  if (!table || address < 0 || address > 65_535) {
    throw new Error(
      `${text} is no register number: write one like 40071 or 400071 (holding), 30071 (input), 10071 (discrete) or 00071 (coil), or give --table and --address, which counts from 0`,
    )
  }
  return { table, address }
}

/** `holding 70 (40071)`: both ways of counting, so that neither is taken for the other. */
export function formatPlace({ table, address }: Place): string {
  return `${table} ${address} (${registerNumber({ table, address })})`
}

export function registerNumber({ table, address }: Place): string {
  const digit = Object.keys(TABLE_DIGITS).find(known => TABLE_DIGITS[known] === table)!
  return digit + String(address + 1).padStart(address < 9999 ? 4 : 5, '0')
}
