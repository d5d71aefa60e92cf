import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peerProgram } from '../../test/peers/cache.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { startProcess } from '../processes.ts'
import { compareFigures } from './compare.ts'
import { exportReadings, storeHistory } from './prepare.ts'
import { boundsOf } from './readings.ts'
import { type SideOutcome, type SideSettings, type Size, TIME_ZONE, territoryOf } from './territory.ts'

/** The history of one is closed at once, the new day of the other. */
const TRIAL = { full: { meters: 50, days: 30 }, increment: { meters: 150, days: 8 } }
const FULL = { full: { meters: 1000, days: 365 }, increment: { meters: 3000, days: 8 } }

type SideName = 'ours' | 'sql' | 'pandas'

/** Consumption by hour, day and month: ours against SQL in the store's own engine, and pandas. */
export function compareFluids({ profileFolder, full = false }: BenchmarkOptions): Benchmark {
  return {
    peers: ['pandas'],
    async round(print) {
      const ratios: Record<string, number> = {}
      const figures: Record<string, number> = {}
      for (const phase of ['full', 'increment'] as const) {
        const size = (full ? FULL : TRIAL)[phase]
        const { figureCount, ...sides } = await closeBySides(size, profileFolder)
        print(
          `${phase}: ${size.meters} meters, ${size.days} days: ${formatNumber(figureCount)} equal figures`,
        )
        const suffix = phase === 'full' ? '' : '-increment'
        for (const [name, outcome] of Object.entries(sides)) {
          print(`${phase} ${name}: ${formatNumber(outcome[phase])} s, ${formatNumber(outcome.megabytes)} MB`)
          figures[`closing-${name}${suffix}-seconds`] = outcome[phase]
          figures[`closing-${name}${suffix}-megabytes`] = outcome.megabytes
          if (name !== 'ours') ratios[`closing-${name}${suffix}`] = outcome[phase] / sides.ours[phase]
        }
      }
      return { ratios, figures }
    },
  }
}

/**
 * Closes the same readings by each side in turn, each in a process of its own.
 * @throws Error when the sides do not come to the same figures.
 */
export async function closeBySides(
  size: Size,
  profileFolder?: string,
): Promise<Record<SideName, SideOutcome> & { figureCount: number }> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'affluent-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const settings: SideSettings = { size, folder }
  await storeHistory(settings)
  // Ours first: it stores the new day.
  const ours = await closeHere('ours-process.ts', settings, profileFolder)
  const sql = await closeHere('sql-process.ts', settings)
  await exportReadings(folder)
  const pandas = await closeWithPandas(settings)
  return { ours, sql, pandas, figureCount: await compareFigures(folder) }
}

async function closeHere(
  program: string,
  settings: SideSettings,
  profileFolder?: string,
): Promise<SideOutcome> {
  const { ready, subject } = await startProcess<SideOutcome>(
    new URL(program, import.meta.url),
    settings,
    profileFolder,
  )
  await subject.close()
  return ready
}

function closeWithPandas({ size, folder }: SideSettings): Promise<SideOutcome> {
  const meters = Object.fromEntries(
    [...territoryOf(size).meters.values()].map(({ id, digits }) => [id, digits ? 10 ** digits : null]),
  )
  const script = fileURLToPath(new URL('closing.py', import.meta.url))
  const { promise, resolve, reject } = Promise.withResolvers<SideOutcome>()
  const child = execFile(peerProgram('pandas'), [script], (error, output) => {
    if (error) reject(error)
    else resolve(JSON.parse(output))
  })
  child.stdin!.end(JSON.stringify({ folder, meters, ...boundsOf(size), timeZone: TIME_ZONE }))
  return promise
}
