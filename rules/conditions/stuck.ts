import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, shifted, timeOf } from '../moment.ts'
import { formatLength, formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'

type StuckParameters = Extract<Rule['condition'], { type: 'stuck' }>

interface StuckMemory {
  /** What it says, since when, and that it has not moved since; null before anything good was heard. */
  value: Value
  since: Moment
  /** Whether it was seen to come to this value, so that it is known not to have said so for longer. */
  moved: boolean
  /** The newest good reading. */
  heard: Moment
}

/**
 * True when good readings have said the same for `after`. A bad or uncertain reading tells nothing of it; silence for
 * longer than `maxAge` is unknown, and what comes after it begins anew.
 */
export function stuckCondition(
  { after, within }: StuckParameters,
  { maxAge }: Pick<Rule, 'maxAge'>,
): Condition<StuckMemory> {
  const isSame = (a: Value, b: Value) =>
    typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= within : a === b

  function read(memory: StuckMemory, reading: Reading, at: Moment): StuckMemory {
    if (qualityOf(reading.quality) !== 'good') return memory
    const same = isSame(memory.value, reading.value)
    if (same && at.elapsed - memory.heard.elapsed <= Math.max(maxAge, after)) return { ...memory, heard: at }
    return { value: reading.value, since: at, moved: memory.value !== null && !same, heard: at }
  }

  return {
    span: () => after + maxAge,
    begin({ at, firingSince, recent }) {
      const from = firingSince ?? at
      // What an alert that is live rests on is older than what the store is asked for.
      let memory: StuckMemory = { value: null, since: shifted(from, -after), moved: false, heard: from }
      for (const reading of recent) {
        const moment = momentOf(timeOf(reading), at)
        const next = read(memory, reading, moment)
        memory = firingSince && memory.value === null ? { ...next, since: memory.since } : next
      }
      return memory
    },
    read,
    judge({ value, since, moved, heard }, at) {
      const told = { since: shifted(since, after), value }
      if (value === null || at.elapsed - heard.elapsed > maxAge) return { ...told, verdict: 'unknown' }
      if (at.elapsed - since.elapsed >= after) return { ...told, verdict: true }
      return { since, value, verdict: moved ? false : 'unknown' }
    },
    describe({ value, since }, point, timeZone) {
      const from = since.now - after
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, point.unit, language),
        after: formatLength(after, language),
        from: formatTime(from, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `${point.label.fr} figé à ${fr.value} depuis le ${fr.from} (plus de ${fr.after})`,
        en: `${point.label.en} stuck at ${en.value} since ${en.from} (more than ${en.after})`,
      }
    },
  }
}
