import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Unit } from '../../model/units.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Verdict } from './condition.ts'
import { firstSide, type Side, takeSide } from './side.ts'

type ThresholdParameters = Extract<Rule['condition'], { type: 'threshold' }>
type Limit = Pick<ThresholdParameters, 'above' | 'below' | 'hysteresis'>

interface ThresholdMemory extends Side {
  /** Of the newest reading that told the side. */
  value: Value
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
  const isStale = (memory: ThresholdMemory, at: Moment) => at.elapsed - memory.decided.elapsed > maxAge

  function read(memory: ThresholdMemory, reading: Reading, at: Moment): ThresholdMemory {
    const taken = takeSide(memory, sideOf(condition, reading, memory.beyond), at, isStale(memory, at))
    return taken === memory || !taken.known ? taken : { ...taken, value: reading.value }
  }

  return {
    span: () => (onDelay === 0 && offDelay === 0 ? 0 : Math.max(onDelay, offDelay) + maxAge),
    begin({ at, firingSince, recent }) {
      let memory: ThresholdMemory = { ...firstSide(firingSince, at), value: null }
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
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        limit: formatLimit(condition, point.unit, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${point.label.fr} ${fr.value}, ${fr.limit} depuis le ${fr.since}`,
        en: `${point.label.en} ${en.value}, ${en.limit} since ${en.since}`,
      }
    },
  }
}

/** Booleans count as 0 and 1, as in the store's aggregates; text has no side. */
function sideOf(limit: Limit, reading: Reading, before: boolean): Verdict {
  const quality = qualityOf(reading.quality)
  const value = typeof reading.value === 'boolean' ? Number(reading.value) : reading.value
  if (quality === 'bad' || typeof value !== 'number') return 'unknown'
  if (quality === 'uncertain') return isBeyond(limit, value, false) || 'unknown'
  return isBeyond(limit, value, before)
}

/** Beyond the limit, or not yet back from there by the hysteresis. */
export function isBeyond({ above, below, hysteresis }: Limit, value: number, before: boolean): boolean {
  // Both cases as "above": a limit below is one above, seen in the mirror.
  const excess = above === undefined ? below! - value : value - above
  return excess > 0 || (excess > -hysteresis && before)
}

/** A limit in words: `au-dessus de 3 °C`. */
export function formatLimit({ above, below }: Limit, unit: Unit, language: 'fr' | 'en'): string {
  const words = above === undefined ? { fr: 'sous', en: 'below' } : { fr: 'au-dessus de', en: 'above' }
  return `${words[language]} ${formatValue(above ?? below!, unit, language)}`
}
