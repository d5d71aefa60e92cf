import type { Outbox } from '../bus/contract.ts'
import { qualityOf } from '../model/quality.ts'
import type { Reading } from '../model/reading.ts'
import type { Point } from '../registry/registry.ts'
import type { Sample } from './driver.ts'
import type { GatewayClock } from './gateway-clock.ts'
import { createNews } from './news.ts'
import { toReading } from './to-reading.ts'
import type { Undated, UndatedJournal } from './undated.ts'
import { createUniqueTimes } from './unique-times.ts'

/** Makes readings of samples and keeps them in the outboxes of their streams. */
export interface Journal {
  /** Returns the time of the newest reading that has a value, ms UTC, where the time is known. */
  keep(samples: readonly Sample[]): number | undefined
  /** Keeps what has waited for the time to be known. Rejects where the disk refuses it: the same call may be made again. */
  dateUndated(): Promise<void>
}

export function createJournal(options: {
  indexes: Outbox<Reading>
  measures: Outbox<Reading>
  points: ReadonlyMap<string, Point>
  clock: GatewayClock
  /** How far the hub's clock is ahead of this one, ms, as far as is known. */
  clockOffset: () => number | undefined
  /** Needed while the time is not known. */
  undated?: UndatedJournal
}): Journal {
  const { indexes, measures, points, clock, clockOffset, undated } = options
  const news = createNews<Reading>()
  const undatedNews = createNews<Sample>()
  const unique = createUniqueTimes()

  /** Of what waited for the time, what is dated and was refused by the disk. */
  let refused: Reading[] | undefined

  /** What one outbox does not take is no reason not to ask the other. */
  function append(ofIndexes: readonly Reading[], ofMeasures: readonly Reading[]): void {
    const failures: unknown[] = []
    for (const [outbox, readings] of [
      [indexes, ofIndexes],
      [measures, ofMeasures],
    ] as const) {
      try {
        if (readings.length > 0) outbox.append(readings)
      } catch (error) {
        for (const { point } of readings) news.forget(point)
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** What was read before the time was known, at the time that it must have been then. */
  function dated({ point: id, time: age, value, quality, life, sourceTime, late }: Undated): Reading {
    const { time, isExact } = clock.timeOf(life, age)
    const point = points.get(id)
    const reading = point
      ? toReading({ point, time: sourceTime, value, quality, late }, time)
      : { point: id, time: sourceTime ?? time, value, quality, gatewayTime: time }
    const isUnsure = !isExact && sourceTime === undefined && qualityOf(reading.quality) === 'good'
    return unique(isUnsure ? { ...reading, quality: 'uncertain:clock' } : reading)
  }

  return {
    keep(samples) {
      const elapsed = clock.elapsed()
      if (undated && !clock.isKnown) {
        const waiting: Sample[] = []
        for (const sample of samples)
          undatedNews.hear(sample.point.id, sample, elapsed, undefined, news => waiting.push(news))
        try {
          undated.add(waiting)
        } catch (error) {
          for (const { point } of waiting) undatedNews.forget(point.id)
          throw error
        }
        return undefined
      }
      const now = clock.now()
      const offset = clockOffset()
      const ofIndexes: Reading[] = []
      const ofMeasures: Reading[] = []
      let newest: number | undefined
      const tellIn = (stream: Reading[]) => (reading: Reading) => {
        stream.push(unique(reading))
        if (reading.value !== null) newest = reading.time
      }
      const [tellIndex, tellMeasure] = [tellIn(ofIndexes), tellIn(ofMeasures)]
      // For each reading of a gateway: no list in between.
      for (const sample of samples) {
        const reading = toReading(sample, now, offset)
        const tell = sample.point.quantity.kind === 'index' ? tellIndex : tellMeasure
        news.hear(reading.point, reading, elapsed, heartbeatOf(sample), tell)
      }
      append(ofIndexes, ofMeasures)
      return newest
    },
    async dateUndated() {
      const isIndex = ({ point }: Reading) => points.get(point)?.quantity.kind === 'index'
      await undated?.date(entries => {
        // Dated again they would have other times, and be there twice.
        refused ??= entries.map(dated)
        append(
          refused.filter(isIndex),
          refused.filter(reading => !isIndex(reading)),
        )
        refused = undefined
      })
    },
  }
}

/** What comes late is one of several, of which none may be left out. */
function heartbeatOf({ point, late }: Pick<Sample, 'point' | 'late'>): number | undefined {
  return late ? undefined : point.heartbeat
}
