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
  const reading = { point: point.id, time: isTime(sourceTime) ? sourceTime : gatewayTime, gatewayTime }
  if (qualityOf(quality) === 'bad') return { ...reading, value: null, quality }
  const checked = check(point, value)
  if ('fault' in checked) return { ...reading, value: null, quality: checked.fault }
  const isOff = Math.abs(clockOffset) > MAX_CLOCK_OFFSET_MS
  const now = isOff ? gatewayTime + clockOffset : gatewayTime
  // A source that speaks once an interval may rightly be one interval old when it is heard.
  const oldest = late ? 0 : now - point.interval - MAX_CLOCK_SKEW_MS
  const skewed = isTime(sourceTime) ? reading.time < oldest || reading.time > now + MAX_CLOCK_SKEW_MS : isOff
  return {
    ...reading,
    value: checked.value,
    quality: skewed && quality === 'good' ? 'uncertain:clock' : quality,
  }
}

function check(point: Point, value: Value): { value: Value } | { fault: QualityCode } {
  switch (point.quantity.value) {
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return { fault: 'bad:undecodable' }
      if (value < (point.min ?? -Infinity) || value > (point.max ?? Infinity)) {
        return { fault: 'bad:out-of-range' }
      }
      return { value }
    case 'boolean':
      if (value === 0 || value === 1) return { value: value === 1 }
      return typeof value === 'boolean' ? { value } : { fault: 'bad:undecodable' }
    case 'string':
      return typeof value === 'string' && value.length <= MAX_STRING_LENGTH
        ? { value }
        : { fault: 'bad:undecodable' }
  }
}
