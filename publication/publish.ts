import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import type { StreamPosition } from '../model/delivery.ts'
import type { ComputedParts } from './computed-parts.ts'
import type { Dataset, RowContext } from './dataset.ts'
import { freeze } from './freeze.ts'
import { WORK_FOLDER } from './objects.ts'
import type { Published } from './published.ts'
import type { Version } from './version.ts'
import { withdrawSubjects } from './withdraw.ts'
import { withdrawFigures } from './withdraw-figures.ts'

/** What became of a dataset. */
export interface Outcome {
  dataset: string
  /** The new version; absent where nothing is otherwise than in the newest one. */
  version?: Version
  /** Former versions that are not told any more. */
  withdrawn: number[]
  /** Why it failed; the last good version stays. */
  error?: string
}

export interface PublishOptions {
  datasets: readonly Dataset[]
  context: RowContext
  published: Published
  folder: string
  software: string
  /** How far the streams of readings were stored when it began. */
  positions?: readonly StreamPosition[]
  /** What was computed before; absent where all is to be computed. */
  computed?: ComputedParts
  onProgress?(dataset: string, done: number): void
  signal?: AbortSignal
}

/**
 * Freezes each dataset whose rows are otherwise than in its newest version. One that fails holds up no other. Versions
 * that tell of what may not be published any more, or give it away, are withdrawn, whether a new one succeeds them or not.
 */
export async function publish(options: PublishOptions): Promise<Outcome[]> {
  const { datasets, folder, computed, onProgress, signal } = options
  const outcomes: Outcome[] = []
  // A new version tells what may be told now: former ones need to be judged again where that is something else only.
  const basis = judgedBy(options)
  const judges = !computed?.wereJudged(basis)
  for (const [at, dataset] of datasets.entries()) {
    signal?.throwIfAborted()
    onProgress?.(dataset.id, at / datasets.length)
    outcomes.push(await publishOne(dataset, options, judges))
  }
  const ofFigures = outcomes.filter((_, at) => datasets[at]!.figures)
  try {
    for (const [dataset, withdrawn] of judges ? await withdrawFigures(options) : [])
      ofFigures.find(outcome => outcome.dataset === dataset.id)!.withdrawn.push(...withdrawn)
    computed?.setJudged(basis)
  } catch (error) {
    signal?.throwIfAborted()
    for (const outcome of ofFigures) outcome.error ??= messageOf(error)
  }
  rmSync(join(folder, WORK_FOLDER), { recursive: true, force: true })
  return outcomes
}

/** All that decides whether a version may be told still, but what it tells itself. */
function judgedBy({ datasets, context }: PublishOptions): string {
  const { sites, meters } = context.registry
  const told = datasets.map(dataset => [
    dataset.id,
    [...dataset.subjects(context)].sort(),
    dataset.figures?.(context),
  ])
  return createHash('sha256')
    .update(serialize([told, sites, meters]))
    .digest('hex')
}

async function publishOne(dataset: Dataset, options: PublishOptions, judges: boolean): Promise<Outcome> {
  const { published, folder, context, software, positions, computed, signal } = options
  const versions = published.versions(dataset.id)
  const latest = published.latest(dataset.id)?.version
  const outcome: Outcome = { dataset: dataset.id, withdrawn: [] }
  const allowed = dataset.subjects(context)
  try {
    const frozen = await freeze({
      ...{ dataset, context, allowed, folder, software, positions, computed, signal },
      before: latest && { version: latest, makeup: published.makeup(latest) },
      number: (versions.at(-1)?.version.version ?? 0) + 1,
    })
    if (frozen) {
      published.add(frozen)
      outcome.version = frozen.version
    } else if (latest && dataset.figures) {
      // Its rows are those of now: so are its figures.
      published.setFigures(latest, dataset.figures(context))
    }
    published.setChecked(dataset.id, { time: context.now, registry: context.registry.hash })
  } catch (error) {
    signal?.throwIfAborted()
    outcome.error = messageOf(error)
  }
  if (judges) outcome.withdrawn = await withdrawSubjects(dataset, allowed, options)
  return outcome
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
