import type { QualityCode } from '../../model/quality.ts'
import type { ReadingColumns, Value } from '../../model/reading.ts'

/** Readings as typed arrays, which cross to another thread without being copied. */
export interface PackedReadings {
  /** Points that the packer names for the first time, and the position of the first of them. */
  names: string[]
  firstName: number
  /** Positions among all points that the packer has named. */
  points: Uint32Array<ArrayBuffer>
  times: Float64Array<ArrayBuffer>
  /** {@link NUMBER}, {@link BOOLEAN} or {@link TEXT}; 0 for nothing. */
  kinds: Uint8Array<ArrayBuffer>
  /** The number, 0 or 1 for a boolean, the position in `texts`, or 0 for nothing. */
  values: Float64Array<ArrayBuffer>
  texts: string[]
  /** The distinct quality codes, and for each reading its position in them. */
  codes: QualityCode[]
  qualities: Uint8Array<ArrayBuffer>
  gatewayTimes: Float64Array<ArrayBuffer>
}

export const NUMBER = 1
export const BOOLEAN = 2
export const TEXT = 3

/** Packs readings for one other side, to which it names each point once. */
export class ReadingPacker {
  #positions = new Map<string, number>()

  pack(columns: ReadingColumns): PackedReadings {
    const count = columns.points.length
    const positions = this.#positions
    const packed: PackedReadings = {
      names: [],
      firstName: positions.size,
      points: new Uint32Array(count),
      times: Float64Array.from(columns.times),
      kinds: new Uint8Array(count),
      values: new Float64Array(count),
      texts: [],
      codes: [],
      qualities: new Uint8Array(count),
      gatewayTimes: Float64Array.from(columns.gatewayTimes),
    }
    let code: QualityCode | undefined
    let codeAt = 0
    for (let i = 0; i < count; i++) {
      const name = columns.points[i]!
      let position = positions.get(name)
      if (position === undefined) {
        position = positions.size
        positions.set(name, position)
        packed.names.push(name)
      }
      packed.points[i] = position
      if (columns.qualities[i] !== code) {
        code = columns.qualities[i]!
        codeAt = packed.codes.indexOf(code)
        if (codeAt < 0) codeAt = packed.codes.push(code) - 1
      }
      packed.qualities[i] = codeAt
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

  /** Names every point again: the other side may have lost them. */
  startOver(): void {
    this.#positions = new Map()
  }
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
