import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'

type ThresholdParameters = Extract<Rule['condition'], { type: 'threshold' }>

interface ThresholdMemory {
  /** The side that the last decisive reading was on. */
  beyond: boolean
  since: Moment
  /** Whether the newest reading tells the side. */
  known: boolean
  value: Value
  /** When the newest reading that told the side was taken, monotonic ms. */
  heard: number
}

/**
 * True beyond a limit, false again only when back by the hysteresis; in between it stays what it was.
 * Doubt keeps an alarm: a bad reading, or silence for longer than `maxAge`, is unknown and restarts the time
 * that the condition must be false; an uncertain reading may show danger but never its end.
 */
export function thresholdCondition(
  condition: ThresholdParameters,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
): Condition<ThresholdMemory> {
  const isStale = (memory: ThresholdMemory, at: Moment) => at.elapsed - memory.heard > maxAge

  function read(memory: ThresholdMemory, reading: Reading, at: Moment): ThresholdMemory {
    // The store, or a repeat, may lag behind what raised an alert that was taken over: it says nothing of its end.
    if (memory.beyond && at.elapsed < memory.since.elapsed) return memory
    const side = sideOf(condition, reading, memory.beyond)
    if (side === 'unknown') return { ...memory, known: false }
    const continues = side === memory.beyond && !isStale(memory, at) && (side || memory.known)
    const since = continues ? memory.since : at
    return { beyond: side, since, known: true, value: reading.value, heard: at.elapsed }
  }

  return {
    span: () => (onDelay === 0 && offDelay === 0 ? 0 : Math.max(onDelay, offDelay) + maxAge),
    begin({ at, firingSince, recent }) {
      let memory: ThresholdMemory = {
        beyond: firingSince !== undefined,
        since: firingSince ?? at,
        known: false,
        value: null,
        heard: (firingSince ?? at).elapsed,
      }
      for (const reading of recent) memory = read(memory, reading, momentOf(timeOf(reading), at))
      return memory
    },
    read,
    judge: (memory, at) => ({
      verdict: memory.known && !isStale(memory, at) ? memory.beyond : 'unknown',
      since: memory.since,
      value: memory.value,
    }),
    describe({ value, since }, point, timeZone) {
      const limit = condition.above ?? condition.below!
      const [fr, en] = condition.above === undefined ? ['sous', 'below'] : ['au-dessus de', 'above']
      const show = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        limit: formatValue(limit, point.unit, language),
        since: formatTime(since.now, timeZone, language),
      })
      const french = show('fr')
      const english = show('en')
      return {
        fr: `${point.label.fr} ${french.value}, ${fr} ${french.limit} depuis le ${french.since}`,
        en: `${point.label.en} ${english.value}, ${en} ${english.limit} since ${english.since}`,
      }
    },
  }
}

/** Booleans count as 0 and 1, as in the store's aggregates; text has no side. */
function sideOf(
  { above, below, hysteresis }: ThresholdParameters,
  reading: Reading,
  before: boolean,
): boolean | 'unknown' {
  const quality = qualityOf(reading.quality)
  const value = typeof reading.value === 'boolean' ? Number(reading.value) : reading.value
  if (quality === 'bad' || typeof value !== 'number') return 'unknown'
  // Both cases as "above": a limit below is one above, seen in the mirror.
  const excess = above === undefined ? below! - value : value - above
  if (excess > 0) return true
  if (quality === 'uncertain') return 'unknown'
  return excess > -hysteresis && before
}
