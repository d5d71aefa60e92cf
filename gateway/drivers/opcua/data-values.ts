import {
  DataType,
  type DataValue,
  type Int64,
  Int64ToBigInt,
  StatusCodes,
  type UInt64,
  UInt64ToBigInt,
  VariantArrayType,
} from 'node-opcua'
import type { QualityCode } from '../../../model/quality.ts'
import type { Value } from '../../../model/reading.ts'
import { shortestFloat32 } from '../../../model/register-values.ts'
import { type Meaning, meaningOf } from '../../../model/scale.ts'
import type { OpcuaSource } from '../../../registry/schema.ts'

/** What a server said of a node. */
export interface Statement {
  /** As {@link timeOf} has it. */
  time: number | undefined
  value: Value
  quality: QualityCode
  /** Why there is no value, or a doubtful one, in words for the installer. */
  fault?: string
}

/** What of a node's value a point is. */
export type ValueChoice = Meaning & Pick<OpcuaSource, 'element'>

const AS_IT_IS: ValueChoice = { scale: 1, offset: 0 }

/** Source timestamp, or that of the server where there is none, ms UTC, where it gave one. */
export function timeOf({ sourceTimestamp, serverTimestamp }: DataValue): number | undefined {
  return (sourceTimestamp ?? serverTimestamp)?.getTime()
}

export function decodeDataValue(dataValue: DataValue, choice = AS_IT_IS): Statement {
  const time = timeOf(dataValue)
  const quality = qualityOfStatus(dataValue.statusCode)
  const fault = quality === 'good' ? undefined : `the server says ${dataValue.statusCode.name}`
  if (quality.startsWith('bad')) return { time, value: null, quality, fault }
  try {
    return { time, value: meaningOf(choice, decodeVariant(dataValue.value, choice)), quality, fault }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { time, value: null, quality: 'bad:undecodable', fault: error.message }
  }
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

/** @throws RangeError in words for what no reading can carry: whole arrays, structures, whole numbers beyond 2^53. */
function decodeVariant(
  variant: DataValue['value'] | undefined,
  { element }: ValueChoice,
): number | boolean | string {
  if (!variant || variant.dataType === DataType.Null) throw new RangeError('it has no value')
  const { dataType, arrayType } = variant
  const isArray = arrayType !== VariantArrayType.Scalar
  const name = DataType[dataType]
  if (isArray && element === undefined)
    throw new RangeError(`it is an array of ${name}: say which element of it`)
  if (!isArray && element !== undefined) throw new RangeError(`it is one ${name}, and has no elements`)
  const value: unknown = isArray ? variant.value[element!] : variant.value
  if (isArray && value === undefined) throw new RangeError(`it is an array without an element ${element}`)
  switch (dataType) {
    case DataType.Int64:
      return safeNumber(Int64ToBigInt(value as Int64))
    case DataType.UInt64:
      return safeNumber(UInt64ToBigInt(value as UInt64))
    case DataType.Float:
      return shortestFloat32(value as number)
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  throw new RangeError(
    dataType === DataType.ExtensionObject
      ? 'it is a structure: choose one of the nodes below it'
      : `it is a ${name}, which is no reading`,
  )
}

function safeNumber(integer: bigint): number {
  const number = Number(integer)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${integer} is more than a number holds exactly`)
  return number
}
