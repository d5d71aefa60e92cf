import type { Acknowledgement } from '../model/delivery.ts'
import { isTime } from '../model/time.ts'
import { isObject } from './envelope.ts'

export function encodeAcknowledgement(acknowledgement: Acknowledgement): string {
  return JSON.stringify(acknowledgement)
}

/** An acknowledgement, or undefined when the payload is none: a sender then sends again. */
export function decodeAcknowledgement(payload: Buffer | string): Acknowledgement | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(payload.toString())
  } catch {
    return undefined
  }
  if (!isObject(parsed) || parsed.version !== 1) return undefined
  const { stream, run, upTo, ranges, window, time } = parsed
  if (typeof stream !== 'string' || typeof run !== 'string' || !isTime(time)) return undefined
  if (!isNumber(upTo, 0) || !isNumber(window, 1) || !Array.isArray(ranges)) return undefined
  let above = upTo
  for (const range of ranges) {
    if (!Array.isArray(range) || range.length !== 2 || !isNumber(range[0], above + 1)) return undefined
    if (!isNumber(range[1], range[0])) return undefined
    above = range[1]
  }
  return parsed as unknown as Acknowledgement
}

function isNumber(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least
}
