import { qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import { HOT_WATER_DEFAULTS } from '../../registry/conditions/hot-water.ts'
import type { Point, Rule } from '../../registry/registry.ts'
import { type Moment, momentOf, shifted, timeOf } from '../moment.ts'
import { formatLength, formatTime, formatValue } from '../text.ts'
import type { Condition } from './condition.ts'
import { thresholdCondition } from './threshold.ts'

type HotWaterParameters = Extract<Rule['condition'], { type: 'hot-water' }>

/** Heated through for less long where it is hotter (annex of the arrêté du 30 novembre 2005): °C, ms. */
const TREATMENTS = [
  { from: 70, for: 2 * MINUTE_MS },
  { from: 65, for: 4 * MINUTE_MS },
  { from: 60, for: HOUR_MS },
]
/** Ours, in K: a tap that scalds is over when this much below. */
const SCALD_HYSTERESIS = 1

interface HotWaterMemory {
  /** When it was last known to be free of what grows: heated through, or cold before anything had grown. */
  safe: Moment
  /** When it was found to be so, after danger; and `safe` of before. */
  freed: Moment
  safeBefore: Moment
  /** Since when it has been at each temperature that heats it through, or above. */
  held: readonly (Moment | undefined)[]
  value: number | null
  /** Whether the newest reading was not bad. */
  known: boolean
  heard: Moment
}

/**
 * At a point of use a threshold; else true when the water has not been heated through for too long, and legionella
 * could grow in it meanwhile. A bad reading, or silence for longer than `maxAge`, is unknown, and what comes after such
 * a silence begins anew unless it was dangerous before, or had not been safe again for `offDelay`; an uncertain reading
 * may show danger, never its end.
 */
export function hotWaterCondition(
  { coldUpTo, safeAfter, scaldsAbove, ...given }: HotWaterParameters,
  rule: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  point: Point,
): Condition<unknown> {
  const defaults = HOT_WATER_DEFAULTS[point.quantityName]!
  if (defaults === 'outlet')
    return thresholdCondition({ type: 'threshold', above: scaldsAbove, hysteresis: SCALD_HYSTERESIS }, rule)
  const { safeFrom = defaults.safeFrom, after = defaults.after } = given
  const { maxAge } = rule
  const heatings = [{ from: safeFrom, for: safeAfter }, ...TREATMENTS]
  const longest = Math.max(...heatings.map(heating => heating.for))
  const span = after + Math.max(longest, rule.onDelay, rule.offDelay) + maxAge
  const nothing = heatings.map(() => undefined)

  const isStale = ({ heard }: HotWaterMemory, at: Moment) => at.elapsed - heard.elapsed > maxAge
  const isDangerous = ({ safe }: Pick<HotWaterMemory, 'safe'>, at: Moment) =>
    at.elapsed - safe.elapsed >= after

  function read(memory: HotWaterMemory, reading: Reading, at: Moment): HotWaterMemory {
    const { value } = reading
    const quality = qualityOf(reading.quality)
    if (quality === 'bad' || typeof value !== 'number') return { ...memory, held: nothing, known: false }
    const lost = isStale(memory, at)
    // An end that went out of sight before it had lasted was none.
    const hasEnded = !lost || memory.heard.elapsed - memory.freed.elapsed >= rule.offDelay
    const safe = hasEnded ? memory.safe : memory.safeBefore
    const wasDangerous = isDangerous({ safe }, memory.heard)
    const before = lost ? nothing : memory.held
    const held = heatings.map(({ from }, index) =>
      quality === 'good' && value >= from ? (before[index] ?? at) : undefined,
    )
    const heated = heatings.some((heating, index) => {
      const since = held[index]
      return since !== undefined && at.elapsed - since.elapsed >= heating.for
    })
    const isCold = quality === 'good' && value <= coldUpTo
    const isSafe = heated || ((isCold || lost) && !wasDangerous)
    return {
      ...memory,
      ...{ safe: isSafe ? at : safe, held, value, known: true, heard: at },
      ...(isSafe && wasDangerous && { freed: at, safeBefore: safe }),
    }
  }

  const condition: Condition<HotWaterMemory> = {
    span: () => span,
    begin({ at, firingSince, recent }) {
      const past = recent.map(reading => ({ reading, moment: momentOf(timeOf(reading), at) }))
      const taken = (memory: HotWaterMemory, readings: typeof past) =>
        readings.reduce((before, { reading, moment }) => read(before, reading, moment), memory)
      const start = shifted(at, -span)
      // Without an alert what was before the span began was safe, and if it was hot, then for long.
      const safe = shifted(start, maxAge)
      const held = firingSince ? nothing : heatings.map(() => shifted(start, -longest))
      const unheard: HotWaterMemory = {
        ...{ safe, freed: start, safeBefore: safe },
        ...{ held, heard: start, value: null, known: false },
      }
      if (!firingSince) return taken(unheard, past)
      // The store may lag behind what raised an alert: what it holds from before says only how long it was hot.
      const isLater = ({ moment }: (typeof past)[number]) => moment.elapsed > firingSince.elapsed
      const raised = taken(
        unheard,
        past.filter(each => !isLater(each)),
      )
      const safeBefore = shifted(firingSince, -after)
      const firing = {
        ...raised,
        ...(isStale(raised, firingSince) && { held: nothing, known: false }),
        ...{ safe: safeBefore, freed: firingSince, safeBefore, heard: firingSince },
      }
      return taken(firing, past.filter(isLater))
    },
    read,
    judge(memory, at) {
      const { safe, freed, value, known } = memory
      if (!known || isStale(memory, at)) return { verdict: 'unknown', since: safe, value }
      const isTrue = isDangerous(memory, at)
      return { verdict: isTrue, since: isTrue ? shifted(safe, after) : freed, value }
    },
    describe({ value, since }, { label, unit }, timeZone) {
      const safe = since.now - after
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, unit, language),
        limit: formatValue(safeFrom, unit, language),
        after: formatLength(after, language),
        safe: formatTime(safe, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      return {
        fr: `risque de légionelles, ${label.fr} ${fr.value}, pas maintenue à ${fr.limit} depuis le ${fr.safe} (plus de ${fr.after})`,
        en: `risk of legionella, ${label.en} ${en.value}, not kept at ${en.limit} since ${en.safe} (more than ${en.after})`,
      }
    },
  }
  return condition as Condition<unknown>
}
