import type { Logger } from 'pino'
import type { ConsumptionFigure } from '../../model/figure.ts'
import type { KeptPeriod } from '../../model/period.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { openDatabase } from '../duckdb/database.ts'
import type { FigureSpan, FigureStore } from '../figures.ts'
import { gather } from '../gather.ts'
import type { FigureOperations, FigureReplacement } from './figure-tables.ts'
import { unpackFigures } from './packed-figures.ts'

const CALLS_AT_ONCE = 256
/** Some ten milliseconds to take in. */
const FIGURES_AT_ONCE = 10_000

const LENGTHS: Record<KeptPeriod, number> = { hour: HOUR_MS, day: DAY_MS, month: 28 * DAY_MS }

/** Whoever asks from the beginning of time on gets some years. */
const LONGEST_MS = 1000 * DAY_MS

/** About how many figures a span holds, and what a call costs by itself. */
function weightOf({ period, from, to }: FigureSpan): number {
  return Math.min(to - from, LONGEST_MS) / LENGTHS[period] + FIGURES_AT_ONCE / CALLS_AT_ONCE
}

/**
 * Reads what is asked for at the same time together.
 * @param most figures of one call
 */
export function gatherFigures(
  { packed }: Pick<FigureStore, 'packed'>,
  most: number,
): FigureStore['consumption'] {
  const read = gather(
    async (spans: readonly FigureSpan[]) => {
      const found = spans.map((): ConsumptionFigure[] => [])
      for (const ofPeriod of Map.groupBy(spans.keys(), at => spans[at]!.period).values()) {
        const figures = unpackFigures(await packed(ofPeriod.map(at => spans[at]!)))
        for (const [n, at] of ofPeriod.entries()) found[at] = figures[n]!
      }
      return found
    },
    most,
    weightOf,
  )
  return (meter, period, from, to) => read({ meter, period, from, to })
}

/**
 * Figures in a DuckDB file of their own. One process owns the file.
 * @throws Error that names the file when it cannot be opened.
 */
export async function openFigureStore({ file, log }: { file: string; log: Logger }): Promise<FigureStore> {
  const database = await openDatabase<FigureOperations>({
    file,
    tables: new URL('./figure-tables.ts', import.meta.url),
    memoryLimit: 256 * 1024 ** 2,
    threads: 1,
  })
  log.debug({ file }, 'the store of figures is open')
  const replace = gather(
    async (replacements: readonly FigureReplacement[]) => {
      await database.call('replace', [replacements])
      return replacements.map(() => undefined)
    },
    FIGURES_AT_ONCE,
    weightOf,
  )
  const packed = (spans: readonly FigureSpan[]) => database.call('packed', [spans])
  const consumption = gatherFigures({ packed }, FIGURES_AT_ONCE)
  const basis = gather((meters: readonly string[]) => database.call('basis', [meters]), CALLS_AT_ONCE)
  const setBasis = gather(async (bases: readonly (readonly [string, string])[]) => {
    await database.call('setBasis', [bases])
    return bases.map(() => undefined)
  }, CALLS_AT_ONCE)
  return {
    async replace(meter, period, from, to, figures, exclusions) {
      const outside = figures.find(figure => figure.start < from || figure.start >= to)
      if (outside) {
        const start = new Date(outside.start).toISOString()
        throw new Error(`a figure of meter ${meter} starts at ${start}, outside what it was to replace`)
      }
      await replace({ meter, period, from, to, figures, exclusions })
    },
    consumption,
    packed,
    digests: (meters, period, from, to) => database.call('digests', [meters, period, from, to]),
    allConsumption: (period, from, to) => database.call('allConsumption', [period, from, to]),
    exclusions: (from, to, most) => database.call('exclusions', [from, to, most]),
    basis,
    setBasis: (meter, basis) => setBasis([meter, basis]),
    copyTo: database.copyTo,
    close: () => database.close(),
  }
}
