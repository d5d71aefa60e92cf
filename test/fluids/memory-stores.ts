import { periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Exclusion } from '../../model/exclusion.ts'
import type { ConsumptionFigure } from '../../model/figure.ts'
import { qualityOf } from '../../model/quality.ts'
import type { Reading, ReadingColumns } from '../../model/reading.ts'
import { readingAt } from '../../model/reading.ts'
import { FIGURE_NUMBERS, packFigures } from '../../store/figures/packed-figures.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { Aggregate, ReadingStore } from '../../store/readings.ts'

const HOUR = 3_600_000

/** A reading store that holds to the interface without a file, for tests of many short histories. */
export function memoryReadings(timeZone: string): ReadingStore {
  const points = new Map<string, Map<number, Reading>>()

  function sorted(point: string, from: number, to: number): Reading[] {
    return [...(points.get(point)?.values() ?? [])]
      .filter(({ time }) => time >= from && time < to)
      .sort((a, b) => a.time - b.time)
  }

  return {
    async write(columns: ReadingColumns) {
      const outcome = { written: 0, repeated: 0, conflicts: [] as number[] }
      for (let at = 0; at < columns.times.length; at++) {
        const reading = readingAt(columns, at)
        const readings = points.get(reading.point) ?? new Map<number, Reading>()
        points.set(reading.point, readings)
        const known = readings.get(reading.time)
        if (!known) {
          readings.set(reading.time, reading)
          outcome.written++
        } else if (known.value === reading.value && known.quality === reading.quality) outcome.repeated++
        else outcome.conflicts.push(at)
      }
      return outcome
    },
    positions: async () => [],
    async series(asked = [...points.keys()]) {
      return asked.flatMap(point => {
        const times = sorted(point, -Infinity, Infinity).map(({ time }) => time)
        return times.length > 0 ? [{ point, first: times[0]!, last: times.at(-1)! }] : []
      })
    },
    ledger: async () => [],
    latest: async ids => ids.flatMap(id => sorted(id, -Infinity, Infinity).slice(-1)),
    range: async (point, from, to, limit) => sorted(point, from, to).slice(0, limit),
    async aggregate(point, by, from, to) {
      const buckets = new Map<number, Reading[]>()
      for (const reading of sorted(point, from, to)) {
        const length = by === 'hour' ? HOUR : 60_000
        const start =
          by === 'day'
            ? periodStart('day', reading.time, timeZone)
            : Math.floor(reading.time / length) * length
        buckets.set(start, [...(buckets.get(start) ?? []), reading])
      }
      return [...buckets].map(([start, readings]): Aggregate => {
        const end =
          by === 'day'
            ? periodsBetween('day', start, start + 1, timeZone)[0]!.end
            : start + (by === 'hour' ? HOUR : 60_000)
        const valid = readings.filter(({ quality }) => qualityOf(quality) !== 'bad').length
        return {
          start,
          end,
          count: readings.length,
          valid,
          min: null,
          max: null,
          mean: null,
          first: null,
          last: null,
        }
      })
    },
    close: async () => {},
  }
}

/** A figure store that holds to the interface without a file. */
export function memoryFigures(): FigureStore & { writes: number } {
  const kept = new Map<string, ConsumptionFigure[]>()
  const bases = new Map<string, string>()
  const excluded = new Map<string, Exclusion[]>()
  const select = (key: string, from: number, to: number) =>
    (kept.get(key) ?? []).filter(({ start }) => start >= from && start < to)
  return {
    writes: 0,
    async replace(meter, period, from, to, figures, exclusions) {
      this.writes++
      if (exclusions) {
        const stay = (excluded.get(meter) ?? []).filter(({ time }) => time < from || time >= to)
        excluded.set(
          meter,
          [...stay, ...exclusions].sort((a, b) => a.time - b.time),
        )
      }
      const key = `${meter} ${period}`
      const others = (kept.get(key) ?? []).filter(({ start }) => start < from || start >= to)
      kept.set(
        key,
        [...others, ...figures.map(figure => ({ ...figure }))].sort((a, b) => a.start - b.start),
      )
    },
    consumption: async (meter, period, from, to) => select(`${meter} ${period}`, from, to),
    async packed(spans) {
      const each = spans.map(({ meter, period, from, to }) => select(`${meter} ${period}`, from, to))
      const figures = each.flat()
      return packFigures(
        each.map(({ length }) => length),
        FIGURE_NUMBERS.map(name => figures.map(figure => figure[name])),
        figures.map(({ stated }) => (stated ? JSON.stringify(stated) : null)),
      )
    },
    async digests(meters, period, from, to) {
      const all = meters
        .toSorted()
        .flatMap(meter => select(`${meter} ${period}`, from, to).map(figure => ({ meter, ...figure })))
      return [...Map.groupBy(all, ({ start }) => start)]
        .sort(([a], [b]) => a - b)
        .map(([start, figures]) => ({ start, digest: JSON.stringify(figures) }))
    },
    async allConsumption(period, from, to) {
      const meters = [...kept.keys()].filter(key => key.endsWith(` ${period}`)).sort()
      return meters.flatMap(key =>
        select(key, from, to).map(figure => ({ ...figure, meter: key.split(' ')[0]! })),
      )
    },
    async exclusions(from, to, most) {
      return [...excluded].sort().flatMap(([meter, all]) => {
        const found = all.filter(({ time }) => time >= from && time < to)
        return found.length > 0 ? [{ meter, count: found.length, newest: found.slice(-most) }] : []
      })
    },
    basis: async meter => bases.get(meter),
    setBasis: async (meter, basis) => void bases.set(meter, basis),
    copyTo: () => Promise.reject(new Error('there is no file to copy')),
    close: async () => {},
  }
}
