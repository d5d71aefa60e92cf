import {
  DataType,
  type DataValue,
  Int64ToBigInt,
  StatusCodes,
  UInt64ToBigInt,
  VariantArrayType,
} from 'node-opcua'
import type { QualityCode } from '../../../model/quality.ts'
import type { Value } from '../../../model/reading.ts'
import { shortestFloat32 } from '../../../model/register-values.ts'

/** What a server said of a node. */
export interface Statement {
  /** Source timestamp, ms UTC, where the server gave one. */
  time: number | undefined
  value: Value
  quality: QualityCode
}

export function decodeDataValue(dataValue: DataValue): Statement {
  const time = dataValue.sourceTimestamp?.getTime()
  const quality = qualityOfStatus(dataValue.statusCode)
  if (quality.startsWith('bad')) return { time, value: null, quality }
  const value = decodeVariant(dataValue)
  return value === undefined ? { time, value: null, quality: 'bad:undecodable' } : { time, value, quality }
}

const DISCONNECTED: ReadonlySet<number> = codes(
  'BadNotConnected',
  'BadServerNotConnected',
  'BadNoCommunication',
  'BadConnectionClosed',
  'BadWaitingForInitialData',
)
const SENSOR_FAULT: ReadonlySet<number> = codes('BadSensorFailure', 'BadDeviceFailure', 'BadOutOfService')
const TIMEOUT: ReadonlySet<number> = codes('BadTimeout', 'BadRequestTimeout')

/** OPC 10000-4, 7.39: the two highest bits are the severity, the lower half of the code is no part of its identity. */
function qualityOfStatus(status: { value: number }): QualityCode {
  const severity = status.value >>> 30
  if (severity === 0) return 'good'
  if (severity === 1) return 'uncertain:uncertain-source'
  const code = status.value >>> 16
  if (DISCONNECTED.has(code)) return 'bad:disconnected'
  if (SENSOR_FAULT.has(code)) return 'bad:sensor-fault'
  if (TIMEOUT.has(code)) return 'bad:timeout'
  return 'bad:exception'
}

function codes(...names: (keyof typeof StatusCodes)[]): Set<number> {
  return new Set(names.map(name => (StatusCodes[name] as { value: number }).value >>> 16))
}

/** `undefined` for what no reading can carry: arrays, structures, whole numbers beyond 2^53. */
function decodeVariant({ value: variant }: DataValue): Value | undefined {
  if (!variant || variant.arrayType !== VariantArrayType.Scalar) return undefined
  const { value } = variant
  switch (variant.dataType) {
    case DataType.Int64:
      return safeNumber(Int64ToBigInt(value))
    case DataType.UInt64:
      return safeNumber(UInt64ToBigInt(value))
    case DataType.Float:
      return typeof value === 'number' ? shortestFloat32(value) : undefined
    default:
      return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string'
        ? value
        : undefined
  }
}

function safeNumber(integer: bigint): number | undefined {
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : undefined
}
