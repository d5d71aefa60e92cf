import { qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatLength, formatTime, formatValue } from '../text.ts'
import type { Condition, Verdict } from './condition.ts'

type RateParameters = Extract<Rule['condition'], { type: 'rate-of-change' }>

interface RateMemory {
  /** Values of the time within which it may change, ascending, the newest one always. */
  trail: readonly { value: number; at: Moment }[]
  /** Whether the newest reading was a number, and good or uncertain. */
  known: boolean
  verdict: Verdict
  since: Moment
}

/** As many values of the time stand for all of it: what lies between two is thinned out. */
const MOST_VALUES = 240

/**
 * True when the newest value is further than `by` above the lowest, or below the highest, of the last `within`.
 * False only when all of that time was heard; a bad reading, or silence for longer than `maxAge`, is unknown.
 */
export function rateOfChangeCondition(
  { by, within, direction }: RateParameters,
  { maxAge }: Pick<Rule, 'maxAge'>,
): Condition<RateMemory> {
  function verdictOf({ trail, known }: RateMemory, at: Moment): Verdict {
    const newest = trail.at(-1)
    if (!newest || !known || at.elapsed - newest.at.elapsed > maxAge) return 'unknown'
    const values = trail.map(({ value }) => value)
    const rise = direction === 'falling' ? 0 : newest.value - Math.min(...values)
    const fall = direction === 'rising' ? 0 : Math.max(...values) - newest.value
    if (Math.max(rise, fall) > by) return true
    return newest.at.elapsed - trail[0]!.at.elapsed >= within - maxAge ? false : 'unknown'
  }

  function judged(memory: RateMemory, at: Moment): RateMemory {
    const verdict = verdictOf(memory, at)
    return verdict === memory.verdict ? memory : { ...memory, verdict, since: at }
  }

  function read(memory: RateMemory, reading: Reading, at: Moment): RateMemory {
    const { value } = reading
    if (qualityOf(reading.quality) === 'bad' || typeof value !== 'number')
      return judged({ ...memory, known: false }, at)
    const kept = memory.trail.filter(each => at.elapsed - each.at.elapsed <= within)
    const last = kept.at(-2)
    // The newest stands until one comes that is far enough from the one before it.
    const crowded = last !== undefined && at.elapsed - last.at.elapsed < within / MOST_VALUES
    return judged(
      { ...memory, known: true, trail: [...(crowded ? kept.slice(0, -1) : kept), { value, at }] },
      at,
    )
  }

  return {
    span: () => within + maxAge,
    begin({ at, firingSince, recent }) {
      let memory: RateMemory = {
        trail: [],
        known: false,
        verdict: firingSince ? true : 'unknown',
        since: firingSince ?? at,
      }
      for (const reading of recent) memory = read(memory, reading, momentOf(timeOf(reading), at))
      return memory
    },
    read,
    pass: judged,
    judge: ({ verdict, since, trail }) => ({ verdict, since, value: trail.at(-1)?.value ?? null }),
    describe({ value, since }, point, timeZone) {
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        by: formatValue(by, point.unit, language),
        within: formatLength(within, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${point.label.fr} ${fr.value}, variation de plus de ${fr.by} en ${fr.within}, depuis le ${fr.since}`,
        en: `${point.label.en} ${en.value}, changed by more than ${en.by} within ${en.within}, since ${en.since}`,
      }
    },
  }
}
