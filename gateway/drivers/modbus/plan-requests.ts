import { isBitTable, MAX_BITS, MAX_REGISTERS, type ModbusTable } from '../../../model/modbus.ts'
import { registerCount } from '../../../model/register-values.ts'
import type { Point } from '../../../registry/registry.ts'
import type { ModbusSource } from '../../../registry/schema.ts'
import type { Place } from './registers.ts'

/** A point that Modbus reads. */
export interface ModbusPoint {
  point: Point
  unit: number
  source: ModbusSource
}

/** One read of neighbouring addresses of one table of one unit. */
export interface ModbusRequest {
  unit: number
  table: ModbusTable
  address: number
  /** Registers or bits. */
  count: number
  /** Wholly inside, by address. */
  points: ModbusPoint[]
}

export interface PlanOptions {
  /**
   * How many addresses that nobody asked for are read along to save a request, registers or bits. A device
   * may refuse an address that its map does not name, so this is 0 unless it is known to answer.
   */
  maxGap: number
}

/**
 * The fewest requests that a scan in order of address finds: neighbours are merged within the limits of the
 * protocol, a value is never split, and every request keeps to one unit and one table.
 */
export function planRequests(points: readonly ModbusPoint[], { maxGap }: PlanOptions): ModbusRequest[] {
  const requests: ModbusRequest[] = []
  for (const point of points.toSorted(byPlace)) {
    const { table, address } = point.source
    const count = addressCount(point.source)
    const last = requests.at(-1)
    if (
      last &&
      last.unit === point.unit &&
      last.table === table &&
      address <= last.address + last.count + maxGap
    ) {
      const merged = Math.max(last.count, address + count - last.address)
      if (merged <= maxCount(table)) {
        last.count = merged
        last.points.push(point)
        continue
      }
    }
    requests.push({ unit: point.unit, table, address, count, points: [point] })
  }
  return requests
}

/** How many registers or bits a value takes. */
export function addressCount(source: ModbusSource): number {
  return isBitTable(source.table) ? 1 : registerCount(source)
}

/** Reads along no address that no point names: many devices refuse those. */
const PLAN = { maxGap: 0 }

export function planGently(points: readonly ModbusPoint[]): ModbusRequest[] {
  return planRequests(points, PLAN)
}

/** The requests for one half of the points and for the other; none for a single point. */
export function halvesOf({ points }: ModbusRequest): ModbusRequest[] {
  if (points.length === 1) return []
  const middle = Math.ceil(points.length / 2)
  return [points.slice(0, middle), points.slice(middle)].flatMap(planGently)
}

/** A request for each point. */
export function planAlone(points: readonly ModbusPoint[]): ModbusRequest[] {
  return points.flatMap(point => planGently([point]))
}

/** Tells requests apart. */
export function requestKey({ unit, table, address, count }: ModbusRequest): string {
  return `${unit}/${table}/${address}/${count}`
}

/** The order of requests of one unit. */
export function orderOfPlaces(a: Place, b: Place): number {
  return a.table.localeCompare(b.table) || a.address - b.address
}

/** Whether a request begins behind the first address of another, and not behind its last. */
export function isWithin(inner: ModbusRequest, { table, address, count }: ModbusRequest): boolean {
  return inner.table === table && inner.address > address && inner.address < address + count
}

function maxCount(table: ModbusTable): number {
  return isBitTable(table) ? MAX_BITS : MAX_REGISTERS
}

function byPlace(a: ModbusPoint, b: ModbusPoint): number {
  return (
    a.unit - b.unit || orderOfPlaces(a.source, b.source) || addressCount(a.source) - addressCount(b.source)
  )
}
