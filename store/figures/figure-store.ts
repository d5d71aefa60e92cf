import type { Logger } from 'pino'
import type { KeptPeriod } from '../../model/period.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { openDatabase } from '../duckdb/database.ts'
import type { FigureStore } from '../figures.ts'
import { gather } from '../gather.ts'
import type { FigureOperations, FigureReplacement, FigureSpan } from './figure-tables.ts'
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
  const packed = gather(
    (spans: readonly FigureSpan[]) => database.call('packed', [spans]),
    FIGURES_AT_ONCE,
    weightOf,
  )
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
    consumption: async (meter, period, from, to) => unpackFigures(await packed({ meter, period, from, to })),
    packed: (meter, period, from, to) => packed({ meter, period, from, to }),
    allConsumption: (period, from, to) => database.call('allConsumption', [period, from, to]),
    exclusions: (from, to, most) => database.call('exclusions', [from, to, most]),
    basis,
    setBasis: (meter, basis) => setBasis([meter, basis]),
    copyTo: database.copyTo,
    close: () => database.close(),
  }
}
