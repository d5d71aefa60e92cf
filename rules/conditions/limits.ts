import { qualityOf } from '../../model/quality.ts'
import type { Reading, Value } from '../../model/reading.ts'
import type { Unit } from '../../model/units.ts'
import type { Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatValue } from '../text.ts'
import type { Beginning, Condition, Rest } from './condition.ts'
import { firstSide, type Side, takeSide } from './side.ts'

export interface Limit {
  above?: number | undefined
  below?: number | undefined
  hysteresis: number
}

export interface LimitsMemory extends Side<number> {
  /** Since when it is beyond any. */
  danger: Moment
  /** Of the newest reading that told. */
  value: Value
}

export interface Limits {
  /** Each further out than the one before. */
  limits: readonly Limit[]
  /** A value in the unit of the limits. */
  convert?(value: number): number
  /** Beyond how many limits it was by the live alert of an earlier run; 0 without one. */
  reached(beginning: Beginning): number
}

/**
 * Beyond how many limits a value is; back from each only by its hysteresis, and in between as it was.
 * Doubt keeps an alarm: a bad reading, or silence for longer than `maxAge`, is unknown and restarts the time
 * that the condition must be false; an uncertain reading may show danger but never its end.
 */
export function watchLimits(
  { limits, convert, reached }: Limits,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
): Required<Pick<Condition<LimitsMemory>, 'span' | 'begin' | 'read' | 'rest' | 'note'>> & {
  isKnown(memory: LimitsMemory, at: Moment): boolean
} {
  const isStale = (memory: LimitsMemory, at: Moment) => at.elapsed - memory.decided.elapsed > maxAge
  const countAt = (value: number, before: number) =>
    countBeyond(limits, convert ? convert(value) : value, before)
  const within = {
    from: Math.max(
      ...limits.map(({ above, below }) => (above === undefined ? below! : Number.NEGATIVE_INFINITY)),
    ),
    to: Math.min(...limits.map(({ above = Number.POSITIVE_INFINITY }) => above)),
  }

  /** Booleans count as 0 and 1, as in the store's aggregates; text has no side. */
  function countOf(reading: Reading, before: number): number | 'unknown' {
    const quality = qualityOf(reading.quality)
    const value = typeof reading.value === 'boolean' ? Number(reading.value) : reading.value
    if (quality === 'bad' || typeof value !== 'number') return 'unknown'
    if (quality === 'good') return countAt(value, before)
    const shown = countAt(value, 0)
    return shown > 0 && shown >= before ? shown : 'unknown'
  }

  function read(memory: LimitsMemory, reading: Reading, at: Moment): LimitsMemory {
    const lost = isStale(memory, at)
    const taken = takeSide(memory, countOf(reading, memory.beyond), at, lost)
    if (taken === memory || !taken.known) return taken
    const danger = memory.beyond > 0 && !lost ? memory.danger : taken.since
    return { ...taken, danger, value: reading.value }
  }

  return {
    span: () => (onDelay === 0 && offDelay === 0 ? 0 : Math.max(onDelay, offDelay) + maxAge),
    begin(beginning) {
      const { at, firingSince, recent } = beginning
      const side = firstSide(reached(beginning), firingSince, at)
      let memory: LimitsMemory = { ...side, danger: side.since, value: null }
      for (const reading of recent) memory = read(memory, reading, momentOf(timeOf(reading), at))
      return memory
    },
    read,
    rest(memory): Rest | undefined {
      // What is converted is rounded: no value of the point is the limit.
      if (memory.beyond > 0 || !memory.known || convert) return undefined
      return { ...within, until: memory.decided.elapsed + maxAge }
    },
    note: (memory, value, at) => ({ ...memory, decided: at, value }),
    isKnown: (memory, at) => memory.known && !isStale(memory, at),
  }
}

/** Beyond how many limits a value is, each further out than the one before, where it was beyond so many before. */
export function countBeyond(limits: readonly Limit[], value: number, before: number): number {
  return limits.findLastIndex((limit, index) => isBeyond(limit, value, index < before)) + 1
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
