import type { QualityCode } from '../../model/quality.ts'
import type { Value } from '../../model/reading.ts'
import { rawToValue } from '../../model/scale.ts'
import type { DocumentValue } from '../../registry/document-schema.ts'
import type { Point } from '../../registry/registry.ts'

const TRUE = [true, 'on', 1]
const FALSE = [false, 'off', 0]

/** The point's value in what its document holds; `undefined` when it holds none of the point's kind. */
export function decodeValue(
  raw: unknown,
  point: Point,
  { trueWhen = TRUE, falseWhen = FALSE, scale, offset }: DocumentValue,
): Value | undefined {
  switch (point.quantity.value) {
    case 'boolean':
      if (isAmong(raw, trueWhen)) return true
      return isAmong(raw, falseWhen) ? false : undefined
    case 'number': {
      const number = toNumber(raw)
      return number === undefined ? undefined : rawToValue(number, scale, offset)
    }
    case 'string':
      return typeof raw === 'string' || typeof raw === 'number' ? String(raw) : undefined
  }
}

/** What a source says of its value's worth; what it says nothing of counts as null. */
export function decodeQuality(
  said: unknown,
  { good, uncertain }: NonNullable<DocumentValue['quality']>,
): QualityCode {
  if (isAmong(said ?? null, good)) return 'good'
  return isAmong(said ?? null, uncertain) ? 'uncertain:uncertain-source' : 'bad:sensor-fault'
}

/** Whether two scalars say the same: 1 and "1", ON and on do. */
function isSame(a: unknown, b: unknown): boolean {
  return typeof a !== 'object' || a === null ? String(a).toLowerCase() === String(b).toLowerCase() : false
}

function isAmong(value: unknown, list: readonly unknown[]): boolean {
  return list.some(item => isSame(value, item))
}

/** Whole numbers beyond 2^53 have lost digits when they come out of JSON. */
function toNumber(raw: unknown): number | undefined {
  const isNumeric = typeof raw === 'string' && /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(raw)
  const number = isNumeric ? Number(raw) : raw
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? undefined : number
}
