import { BIGINT, BOOLEAN as BOOLEAN_TYPE, DOUBLE, INTEGER, SMALLINT, VARCHAR } from '@duckdb/node-api'
import { bigints, type Column } from '../duckdb/append.ts'
import type { PackedReadings } from './packed.ts'
import { BOOLEAN, NUMBER, TEXT } from './packed.ts'

/** The columns of the table `reading`, of some rows of a batch. */
export function readingColumns(
  readings: PackedReadings,
  rows: ArrayLike<number>,
  pointIds: ArrayLike<number>,
  qualityIds: ArrayLike<number>,
): Column[] {
  const { times, kinds, values, texts, qualities, gatewayTimes } = readings
  const count = rows.length
  const points = new Int32Array(count)
  const time = new Float64Array(count)
  const numbers = new Float64Array(count)
  const quality = new Int16Array(count)
  const gatewayTime = new Float64Array(count)
  const present = new Uint8Array(TEXT + 1)
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    points[i] = pointIds[row]!
    time[i] = times[row]!
    numbers[i] = values[row]!
    quality[i] = qualityIds[qualities[row]!]!
    gatewayTime[i] = gatewayTimes[row]!
    present[kinds[row]!] = 1
  }
  const only = (kind: number) => present.every((there, other) => !there || other === kind)
  const nullsBut = (kind: number) => {
    return only(kind)
      ? undefined
      : Uint8Array.from({ length: count }, (_, i) => (kinds[rows[i]!] === kind ? 0 : 1))
  }
  return [
    { type: INTEGER, data: points },
    { type: BIGINT, data: bigints(time) },
    present[NUMBER] ? { type: DOUBLE, data: numbers, nulls: nullsBut(NUMBER) } : { type: DOUBLE, at: null },
    present[BOOLEAN]
      ? {
          type: BOOLEAN_TYPE,
          data: Uint8Array.from(numbers, held => (held === 1 ? 1 : 0)),
          nulls: nullsBut(BOOLEAN),
        }
      : { type: BOOLEAN_TYPE, at: null },
    {
      type: VARCHAR,
      at: present[TEXT] ? i => (kinds[rows[i]!] === TEXT ? texts[values[rows[i]!]!]! : null) : null,
    },
    { type: SMALLINT, data: quality },
    { type: BIGINT, data: bigints(gatewayTime) },
  ]
}
