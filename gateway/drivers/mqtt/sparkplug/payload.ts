import { shortestFloat32 } from '../../../../model/register-values.ts'
import { doubleOf, type Field, floatOf, messageOf, readFields, textOf, varintOf } from './protobuf.ts'

/** A Sparkplug B payload (sparkplug_b.proto of Eclipse Tahu), without what no reading can carry. */
export interface Payload {
  /** ms UTC */
  timestamp?: number
  /** 0 to 255. */
  seq?: number
  metrics: Metric[]
}

export interface Metric {
  name?: string
  alias?: bigint
  /** ms UTC */
  timestamp?: number
  /** Index of the data type; only births need to have it. */
  datatype?: number
  isHistorical: boolean
  isNull: boolean
  /** The property `Quality`: 192 good, 0 bad, 500 stale. */
  quality?: number
  /** As it is on the wire; absent for data sets, templates, bytes and extensions. */
  value?: WireValue
}

export type WireValue =
  | { type: 'integer'; value: bigint }
  | { type: 'other'; value: number | boolean | string }

/** @throws RangeError for bytes that are no payload. */
export function decodePayload(bytes: Uint8Array): Payload {
  const payload: Payload = { metrics: [] }
  for (const field of readFields(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    if (field.number === 1) payload.timestamp = Number(varintOf(field))
    else if (field.number === 2) payload.metrics.push(decodeMetric(messageOf(field)))
    else if (field.number === 3) payload.seq = Number(varintOf(field))
  }
  return payload
}

function decodeMetric(message: DataView): Metric {
  const metric: Metric = { isHistorical: false, isNull: false }
  for (const field of readFields(message)) {
    switch (field.number) {
      case 1:
        metric.name = textOf(field)
        break
      case 2:
        metric.alias = varintOf(field)
        break
      case 3:
        metric.timestamp = Number(varintOf(field))
        break
      case 4:
        metric.datatype = Number(varintOf(field))
        break
      case 5:
        metric.isHistorical = varintOf(field) !== 0n
        break
      case 7:
        metric.isNull = varintOf(field) !== 0n
        break
      case 9:
        metric.quality = decodeQuality(messageOf(field))
        break
      default:
        // oneof: the last one counts.
        if (field.number >= 10 && field.number <= 19) metric.value = decodeValue(field)
    }
  }
  return metric
}

function decodeValue(field: Field): WireValue | undefined {
  switch (field.number) {
    case 10:
    case 11:
      return { type: 'integer', value: varintOf(field) }
    case 12:
      return { type: 'other', value: shortestFloat32(floatOf(field)) }
    case 13:
      return { type: 'other', value: doubleOf(field) }
    case 14:
      return { type: 'other', value: varintOf(field) !== 0n }
    case 15:
      return { type: 'other', value: textOf(field) }
    default:
      return undefined
  }
}

/** The whole number of the property `Quality` in a PropertySet: keys and values in parallel. */
function decodeQuality(propertySet: DataView): number | undefined {
  const keys: string[] = []
  const values: DataView[] = []
  for (const field of readFields(propertySet)) {
    if (field.number === 1) keys.push(textOf(field))
    else if (field.number === 2) values.push(messageOf(field))
  }
  const value = values[keys.indexOf('Quality')]
  if (!value) return undefined
  for (const field of readFields(value)) {
    if (field.number === 3 || field.number === 4) return Number(varintOf(field))
  }
  return undefined
}

/** Bits of the signed and of the unsigned whole numbers, by index of the data type; 13 is DateTime, in ms. */
const SIGNED: Record<number, number> = { 1: 8, 2: 16, 3: 32, 4: 64 }
const UNSIGNED: Record<number, number> = { 5: 8, 6: 16, 7: 32, 8: 64, 13: 64 }

/**
 * What a wire value is in its data type; `undefined` for a whole number that no number holds, or of which no
 * birth has told whether it has a sign: -1 and 4294967295 are one on the wire.
 */
export function interpretValue(
  wire: WireValue,
  datatype: number | undefined,
): number | boolean | string | undefined {
  if (wire.type === 'other') return wire.value
  const signed = SIGNED[datatype ?? 0]
  const unsigned = UNSIGNED[datatype ?? 0]
  let integer: bigint
  // Some encoders send a narrow negative number in its own bits, others extend its sign to 32.
  if (signed) integer = BigInt.asIntN(signed, wire.value)
  else if (unsigned) integer = BigInt.asUintN(unsigned, wire.value)
  else return undefined
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : undefined
}
