import type { ModbusTable } from '../model/modbus.ts'
import { registerCount } from '../model/register-values.ts'
import { valueToRegisters } from '../model/scale.ts'
import type { Point } from '../registry/registry.ts'
import type { ModbusSource } from '../registry/schema.ts'
import type { Signal } from './signals/instrument.ts'

/** The tables of one Modbus unit. */
export interface UnitMap {
  /**
   * The words (or bits, 0 or 1) of `count` addresses at an instant; undefined when a point covers not all.
   * @throws RangeError naming the point whose value does not fit its register.
   */
  read(table: ModbusTable, address: number, count: number, time: number): number[] | undefined
}

interface Cell {
  source: ModbusSource
  signal: Signal
  point: Point
}

/** The registers that a unit's points take up; bits of several points may share one register. */
export function mapUnit(
  points: readonly Point[],
  signals: ReadonlyMap<string, Signal>,
  /** Whether the device denies at an instant that it has the registers of a point. */
  denies: (point: Point, time: number) => boolean = () => false,
): UnitMap {
  const tables = new Map<ModbusTable, Map<number, Cell[]>>()
  for (const point of points) {
    const { id, source } = point
    if (source.driver !== 'modbus') continue
    const { table, address } = source.modbus
    const cells = tables.get(table) ?? new Map<number, Cell[]>()
    tables.set(table, cells)
    const cell: Cell = { source: source.modbus, signal: signals.get(id)!, point }
    for (let at = address; at < address + registerCount(source.modbus); at++) {
      cells.set(at, [...(cells.get(at) ?? []), cell])
    }
  }
  return {
    read(table, address, count, time) {
      const words: number[] = []
      for (let at = address; at < address + count; at++) {
        const cells = tables.get(table)?.get(at)
        if (!cells || cells.some(({ point }) => denies(point, time))) return undefined
        words.push(cells.reduce((word, cell) => word | wordsOf(cell, time)[at - cell.source.address]!, 0))
      }
      return words
    },
  }
}

function wordsOf({ source, signal, point }: Cell, time: number): number[] {
  try {
    return valueToRegisters(source, signal(time))
  } catch (error) {
    throw new RangeError(`${point.id}: ${(error as Error).message}`)
  }
}
