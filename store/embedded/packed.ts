import type { QualityCode } from '../../model/quality.ts'
import type { ReadingColumns, Value } from '../../model/reading.ts'

/** Readings as typed arrays, which cross to another thread without being copied. */
export interface PackedReadings {
  /** The distinct points and quality codes; the arrays hold positions in them. */
  names: string[]
  codes: QualityCode[]
  points: Uint32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
  /** {@link NUMBER}, {@link BOOLEAN} or {@link TEXT}; 0 for nothing. */
  kinds: Uint8Array<ArrayBuffer>
  /** The number, 0 or 1 for a boolean, the position in `texts`, or 0 for nothing. */
  values: Float64Array<ArrayBuffer>
  texts: string[]
  qualities: Uint8Array<ArrayBuffer>
  gatewayTimes: Float64Array<ArrayBuffer>
}

export const NUMBER = 1
export const BOOLEAN = 2
export const TEXT = 3

export function packReadings(columns: ReadingColumns): PackedReadings {
  const count = columns.points.length
  const packed: PackedReadings = {
    names: [],
    codes: [],
    points: new Uint32Array(count),
    times: Float64Array.from(columns.times),
    kinds: new Uint8Array(count),
    values: new Float64Array(count),
    texts: [],
    qualities: new Uint8Array(count),
    gatewayTimes: Float64Array.from(columns.gatewayTimes),
  }
  const pointPosition = interner(packed.names)
  const codePosition = interner(packed.codes)
  for (let i = 0; i < count; i++) {
    packed.points[i] = pointPosition(columns.points[i]!)
    packed.qualities[i] = codePosition(columns.qualities[i]!)
    const value = columns.values[i]!
    if (typeof value === 'number') {
      packed.kinds[i] = NUMBER
      packed.values[i] = value
    } else if (typeof value === 'boolean') {
      packed.kinds[i] = BOOLEAN
      packed.values[i] = value ? 1 : 0
    } else if (typeof value === 'string') {
      packed.kinds[i] = TEXT
      packed.values[i] = packed.texts.push(value) - 1
    }
  }
  return packed
}

/** The buffers to hand over with `postMessage`. */
export function packedBuffers(packed: PackedReadings): ArrayBuffer[] {
  const { points, times, kinds, values, qualities, gatewayTimes } = packed
  return [points, times, kinds, values, qualities, gatewayTimes].map(array => array.buffer)
}

export function packedValue(packed: PackedReadings, index: number): Value {
  const value = packed.values[index]!
  switch (packed.kinds[index]) {
    case NUMBER:
      return value
    case BOOLEAN:
      return value === 1
    case TEXT:
      return packed.texts[value]!
    default:
      return null
  }
}

/** Gives each distinct string its position in a list, which it fills. */
function interner<T extends string>(list: T[]): (name: T) => number {
  const positions = new Map<T, number>()
  return name => {
    let position = positions.get(name)
    if (position === undefined) {
      position = list.push(name) - 1
      positions.set(name, position)
    }
    return position
  }
}
