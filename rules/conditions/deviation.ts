import {
  busyAmount,
  type HourHistory,
  hourHistory,
  hoursKept,
  learnHour,
  openHourSlots,
  type Usual,
  usualOf,
} from '../../energy/usual-hours.ts'
import { qualityOf } from '../../model/quality.ts'
import type { Reading } from '../../model/reading.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Point, Registry, Rule } from '../../registry/registry.ts'
import type { Aggregate } from '../../store/readings.ts'
import { type Moment, momentOf, timeOf } from '../moment.ts'
import { formatTime, formatValue } from '../text.ts'
import type { Condition, Verdict } from './condition.ts'
import { type HourWindow, hearValue } from './hour-window.ts'
import { firstSide, type Side, takeSide } from './side.ts'

type DeviationParameters = Extract<Rule['condition'], { type: 'deviation' }>

interface DeviationMemory extends Side {
  learned: HourHistory
  hour: HourTally | undefined
  expected: Expected
  window: HourWindow | undefined
  /** The mean, or amount, of the last hour when the side was decided, and what it was held against. */
  value: number | null
  usual: number | undefined
}

/** What a point has said in an hour so far. */
interface HourTally {
  /** From 1970 on. */
  number: number
  sum: number
  /** Not bad. */
  valid: number
  count: number
  last: number | undefined
  /** The last value of the hour before. */
  before: number | undefined
}

/** What is usual in an hour and in the one before it, of both of which the last hour has a part. */
interface Expected {
  usual: Usual | undefined
  before: Usual | undefined
  /** What is less far from it is not told. */
  least: number
}

/** Ours, of temperatures, whose zero means nothing, in K; and of all else, of what a busy hour tells. */
const LEAST_KELVIN = 2
const LEAST_OF_BUSY = 0.1
const HOURS_OF_DAY = 24
/** Ours: what has come back by a quarter of the way is over, so that what hovers there does not come and go. */
const STILL_FAR = 0.75

/**
 * True when the mean of the last hour (of an index: what it counted) is further from the median of the hours that are
 * alike than what is usual. It learns from the hours that the store has, and from those that it hears, a whole one at
 * a time: those that were mostly bad or silent are none. Where too few are known, and where the last hour was not
 * heard, it is unknown; doubt keeps an alarm, as of a threshold.
 */
export function deviationCondition(
  { weeks, tolerance, atLeast, direction }: DeviationParameters,
  { maxAge, onDelay, offDelay }: Pick<Rule, 'maxAge' | 'onDelay' | 'offDelay'>,
  point: Point,
  { territory, sites }: Registry,
): Condition<DeviationMemory> {
  const { timeZone, publicHolidays: holidays, schoolHolidays } = territory
  const slotOf = openHourSlots(sites.get(point.site)!.opening, { holidays, schoolHolidays }, timeZone)
  const slotAt = (number: number) => slotOf(number * HOUR_MS)
  const hourOfDay = (number: number) => slotAt(number) % HOURS_OF_DAY
  const isIndex = point.quantity.kind === 'index'
  /** Ours: an hour of which less than half was heard is none. */
  const fewest = HOUR_MS / point.dueWithin / 2
  /** How far back it is decided anew at start. */
  const decidedMs = Math.max(onDelay, offDelay) + maxAge
  const isStale = ({ decided }: Side, at: Moment) =>
    at.elapsed - decided.elapsed > maxAge + (point.heartbeat ?? 0)

  function amountOf({ sum, valid, count, last, before }: Omit<HourTally, 'number'>): number | undefined {
    if (valid < fewest || valid * 2 <= count) return undefined
    if (!isIndex) return sum / valid
    return last === undefined || before === undefined || last < before ? undefined : last - before
  }

  function historyOf(hours: readonly Aggregate[], now: number): HourHistory {
    const known = hours.flatMap(({ start, end, valid, count, mean, last }, at) => {
      const previous = hours[at - 1]
      const before = previous?.end === start ? (previous.last ?? undefined) : undefined
      const amount = amountOf({ sum: (mean ?? 0) * valid, valid, count, last: last ?? undefined, before })
      return end > now || amount === undefined ? [] : [{ start, amount }]
    })
    return hourHistory(known, weeks, slotOf)
  }

  /** The least that is told is that of a whole civil day: what a busy hour tells takes long to find. */
  function leastOf(learned: HourHistory, number: number): number {
    if (atLeast !== undefined) return atLeast
    if (point.unit === 'Cel') return LEAST_KELVIN
    const midnight = number - hourOfDay(number)
    return LEAST_OF_BUSY * Math.abs(busyAmount(learned, midnight) ?? 0)
  }

  function enterHour(memory: DeviationMemory, number: number): DeviationMemory {
    const { hour, expected } = memory
    if (hour?.number === number) return memory
    const amount = hour && amountOf(hour)
    const learned =
      amount === undefined
        ? memory.learned
        : learnHour(memory.learned, hour!.number, slotAt(hour!.number), amount)
    const isNext = hour?.number === number - 1
    const empty = {
      number,
      sum: 0,
      valid: 0,
      count: 0,
      last: undefined,
      before: isNext ? hour.last : undefined,
    }
    const usual = (each: number) => usualOf(learned, each, slotAt(each))
    const isSameDay = isNext && hourOfDay(number) > 0
    return {
      ...memory,
      learned,
      hour: empty,
      expected: {
        usual: usual(number),
        before: isNext ? expected.usual : usual(number - 1),
        least: isSameDay ? expected.least : leastOf(learned, number),
      },
    }
  }

  function verdictOf(
    { window, expected: { usual, before, least }, beyond }: DeviationMemory,
    at: Moment,
  ): { verdict: Verdict; value?: number; usual?: number } {
    if (!window || !usual || !before) return { verdict: 'unknown' }
    if (at.elapsed - window.from.elapsed < HOUR_MS - point.dueWithin) return { verdict: 'unknown' }
    const value = isIndex ? window.sum : window.sum / window.count
    const share = (at.now % HOUR_MS) / HOUR_MS
    const centre = share * usual.centre + (1 - share) * before.centre
    const spread = share * usual.spread + (1 - share) * before.spread
    const off = value - centre
    const excess = direction === 'either' ? Math.abs(off) : direction === 'above' ? off : -off
    const far = Math.max(least, tolerance * spread)
    const told = { value, usual: centre }
    if (window.uncertain > 0) return { ...told, verdict: excess > far || 'unknown' }
    return { ...told, verdict: excess > far || (beyond && excess > STILL_FAR * far) }
  }

  /** Takes a reading, and decides nothing; `isValid` where it tells something. */
  function hear(
    memory: DeviationMemory,
    reading: Reading,
    at: Moment,
  ): { heard: DeviationMemory; isValid: boolean } {
    const { hour, ...entered } = enterHour(memory, Math.floor(at.now / HOUR_MS))
    const tally = { ...hour!, count: hour!.count + 1 }
    const { value } = reading
    const quality = qualityOf(reading.quality)
    if (quality === 'bad' || typeof value !== 'number')
      return { heard: { ...entered, hour: tally }, isValid: false }
    const heard = {
      ...entered,
      hour: { ...tally, sum: tally.sum + value, valid: tally.valid + 1, last: value },
      window: hearValue(memory.window, { value, certain: quality === 'good' }, at, isIndex),
    }
    return { heard, isValid: true }
  }

  function read(memory: DeviationMemory, reading: Reading, at: Moment): DeviationMemory {
    const { heard, isValid } = hear(memory, reading, at)
    if (!isValid) return takeSide(heard, 'unknown', at, false)
    const { verdict, ...told } = verdictOf(heard, at)
    const taken = takeSide(heard, verdict, at, isStale(memory, at))
    return taken === heard || !taken.known ? taken : { ...taken, ...told }
  }

  return {
    span: () => HOUR_MS + decidedMs,
    history: hoursKept(weeks) * HOUR_MS,
    begin({ at, firingSince, recent, hours = [] }) {
      let memory: DeviationMemory = {
        ...firstSide<boolean>(firingSince !== undefined, firingSince, at),
        learned: historyOf(hours, at.now),
        hour: undefined,
        expected: { usual: undefined, before: undefined, least: 0 },
        window: undefined,
        value: null,
        usual: undefined,
      }
      for (const reading of recent) {
        const moment = momentOf(timeOf(reading), at)
        // Before that the hour is not whole, as it was to whoever heard all of it.
        const isWhole = at.elapsed - moment.elapsed <= decidedMs
        memory = isWhole ? read(memory, reading, moment) : hear(memory, reading, moment).heard
      }
      return memory
    },
    read,
    judge: (memory, at) => ({
      verdict: memory.known && !isStale(memory, at) ? memory.beyond : 'unknown',
      since: memory.since,
      value: memory.value,
      ...(memory.usual !== undefined && { beside: { usual: memory.usual } }),
    }),
    describe({ value, beside: { usual = null } = {}, since }, { label, unit }, timeZone) {
      const say = (language: 'fr' | 'en') => ({
        value: formatValue(value, unit, language),
        usual: formatValue(usual, unit, language),
        since: formatTime(since.now, timeZone, language),
      })
      const [fr, en] = [say('fr'), say('en')]
      const [lasting, during] = isIndex
        ? ['en une heure', 'in an hour']
        : ['en moyenne sur une heure', 'on average over an hour']
      return {
        fr: `${label.fr} : ${fr.value} ${lasting}, d'habitude ${fr.usual} à cette heure d'un tel jour, depuis le ${fr.since}`,
        en: `${label.en}: ${en.value} ${during}, usually ${en.usual} at this hour of such a day, since ${en.since}`,
      }
    },
  }
}
