import type { ModbusTable } from '../../model/modbus.ts'
import { pointId } from '../../model/point-id.ts'
import type { Finding } from '../check.ts'
import { type Draft, devicesOf } from '../draft.ts'

/** The numbers by which manuals tell the tables apart, which count from 1: 40071 is holding 70. */
const MANUAL_NUMBERS: Partial<Record<ModbusTable, number>> = {
  holding: 40_001,
  input: 30_001,
  discrete: 10_001,
}
const NUMBERS_PER_TABLE = 9999

/** What may well be right, but most often is a slip. What a model says is not doubted. */
export function* doubtPoints(draft: Pick<Draft, 'gateways'>): Iterable<Finding> {
  /** The first point of each place. */
  const known = new Map<string, string>()
  for (const { device, connection, path } of devicesOf(draft)) {
    for (const [name, { modbus, quantity }] of Object.entries(device.points)) {
      if (!modbus || connection.driver !== 'modbus') continue
      const at = [...path, 'points', name, 'modbus', 'address']
      const { table, address } = modbus
      const first = MANUAL_NUMBERS[table]
      if (first !== undefined && address >= first && address < first + NUMBERS_PER_TABLE)
        yield {
          path: at,
          message: `counts from 0, as on the wire: if ${address} is the number that a manual gives, write ${address - first}`,
        }
      const id = pointId(device.site, device.id, name)
      const place = JSON.stringify([connection.id, 'unit' in device && device.unit, modbus, quantity])
      const other = known.get(place)
      if (other === undefined) known.set(place, id)
      else yield { path: at, message: `is read as ${other} is: two points say the same` }
    }
  }
}
