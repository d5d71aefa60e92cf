import { MAX_CLOCK_OFFSET_MS } from '../model/clock.ts'
import { type QualityCode, qualityOf } from '../model/quality.ts'
import { MAX_STRING_LENGTH, type Reading, type Value } from '../model/reading.ts'
import { isTime, MINUTE_MS } from '../model/time.ts'
import type { Point } from '../registry/registry.ts'
import type { Sample } from './driver.ts'

/** How far a source's clock may be from the gateway's before its readings are uncertain, ms. */
const MAX_CLOCK_SKEW_MS = 5 * MINUTE_MS

/**
 * The reading that a sample is, at the gateway's time. What is not of the point's kind or lies outside what
 * the registry declares possible is bad and has no value; a good value of a clock that is far off is uncertain.
 * `clockOffset`: how far the hub's clock is ahead of the gateway's, ms, as far as is known.
 */
export function toReading(sample: Sample, gatewayTime: number, clockOffset = 0): Reading {
  const { point, time = NaN, value, quality, late = false } = sample
  const sourceTime = Math.round(time)
  const at = isTime(sourceTime) ? sourceTime : gatewayTime
  // For each reading of a gateway: one object, and none in between.
  const reading = (value: Value, quality: QualityCode): Reading => ({
    point: point.id,
    time: at,
    value,
    quality,
    gatewayTime,
  })
  if (qualityOf(quality) === 'bad') return reading(null, quality)
  const checked = valueFor(point, value)
  if (checked === undefined) return reading(null, 'bad:undecodable')
  if (isOutside(point, checked)) return reading(null, 'bad:out-of-range')
  const isOff = Math.abs(clockOffset) > MAX_CLOCK_OFFSET_MS
  const now = isOff ? gatewayTime + clockOffset : gatewayTime
  // A source that speaks once an interval may rightly be one interval old when it is heard.
  const oldest = late ? 0 : now - point.interval - MAX_CLOCK_SKEW_MS
  const skewed = isTime(sourceTime) ? at < oldest || at > now + MAX_CLOCK_SKEW_MS : isOff
  return reading(checked, skewed && quality === 'good' ? 'uncertain:clock' : quality)
}

/** A value as one of the point's kind; undefined where it is none. */
function valueFor(point: Point, value: Value): Value | undefined {
  switch (point.quantity.value) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'boolean':
      if (value === 0 || value === 1) return value === 1
      return typeof value === 'boolean' ? value : undefined
    case 'string':
      return typeof value === 'string' && value.length <= MAX_STRING_LENGTH ? value : undefined
  }
}

function isOutside({ min = -Infinity, max = Infinity }: Point, value: Value): boolean {
  return typeof value === 'number' && (value < min || value > max)
}
