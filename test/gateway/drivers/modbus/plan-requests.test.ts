import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressCount,
  type ModbusPoint,
  planRequests,
} from '../../../../gateway/drivers/modbus/plan-requests.ts'
import { isBitTable, MAX_BITS, MAX_REGISTERS } from '../../../../model/modbus.ts'
import { REGISTER_TYPES } from '../../../../model/register-values.ts'
import type { ModbusSource } from '../../../../registry/schema.ts'
import { modbusPoint } from '../../points.ts'

function place(source: Partial<ModbusSource>, unit = 1): ModbusPoint {
  const point = modbusPoint('p', { ...source, unit })
  if (point.source.driver !== 'modbus') throw new Error()
  return { point, unit, source: point.source.modbus }
}

function plan(points: ModbusPoint[], maxGap = 0): string[] {
  return planRequests(points, { maxGap }).map(
    ({ unit, table, address, count, points }) => `${unit} ${table} ${address}+${count} (${points.length})`,
  )
}

describe('planRequests', () => {
  it('merges neighbours, whatever the order they come in, and what lies inside', () => {
    const points = [
      place({ address: 12, type: 'float64' }),
      place({ address: 10, type: 'uint32' }),
      place({ address: 11 }),
      place({ address: 13 }),
    ]
    expect(plan(points)).toEqual(['1 holding 10+6 (4)'])
  })

  it('keeps units and tables apart', () => {
    const points = [place({}), place({}, 2), place({ table: 'input' }), place({ table: 'coil' })]
    expect(plan(points)).toEqual([
      '1 coil 0+1 (1)',
      '1 holding 0+1 (1)',
      '1 input 0+1 (1)',
      '2 holding 0+1 (1)',
    ])
  })

  it('reads across a gap only up to the limit', () => {
    const points = [place({ address: 0 }), place({ address: 3 })]
    expect(plan(points, 1)).toEqual(['1 holding 0+1 (1)', '1 holding 3+1 (1)'])
    expect(plan(points, 2)).toEqual(['1 holding 0+4 (2)'])
  })

  it('never splits a value at the limit of 125 registers', () => {
    const points = Array.from({ length: 63 }, (_, i) => place({ address: i * 2, type: 'uint32' }))
    expect(plan(points)).toEqual(['1 holding 0+124 (62)', '1 holding 124+2 (1)'])
  })

  it('reads 2000 coils at once, one bit each whatever the type says', () => {
    const points = Array.from({ length: 2001 }, (_, address) =>
      place({ table: 'coil', address, type: 'bool' }),
    )
    expect(plan(points)).toEqual(['1 coil 0+2000 (2000)', '1 coil 2000+1 (1)'])
  })

  it('covers every value once, within the limits, for any points', () => {
    const source = fc.record({
      table: fc.constantFrom('holding', 'input', 'coil', 'discrete'),
      address: fc.integer({ min: 0, max: 200 }),
      type: fc.constantFrom(...REGISTER_TYPES),
      unit: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(source, { maxLength: 120 }),
        fc.integer({ min: 0, max: 20 }),
        (sources, maxGap) => {
          const points = sources.map(({ unit, ...rest }) => place(rest as ModbusSource, unit))
          const requests = planRequests(points, { maxGap })
          expect(new Set(requests.flatMap(request => request.points))).toEqual(new Set(points))
          expect(requests.flatMap(request => request.points)).toHaveLength(points.length)
          for (const { unit, table, address, count, points } of requests) {
            expect(count).toBeLessThanOrEqual(isBitTable(table) ? MAX_BITS : MAX_REGISTERS)
            for (const point of points) {
              expect([point.unit, point.source.table]).toEqual([unit, table])
              expect(point.source.address).toBeGreaterThanOrEqual(address)
              expect(point.source.address + addressCount(point.source)).toBeLessThanOrEqual(address + count)
            }
          }
        },
      ),
    )
  })
})
