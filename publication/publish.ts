import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { StreamPosition } from '../model/delivery.ts'
import { columnsOf, type Dataset, type RowContext, subjectOf } from './dataset.ts'
import { freeze } from './freeze.ts'
import { WORK_FOLDER } from './objects.ts'
import type { Published, PublishedVersion } from './published.ts'
import { type Version, withdrawalOf } from './version.ts'

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
  onProgress?(dataset: string, done: number): void
  signal?: AbortSignal
}

/**
 * Freezes each dataset whose rows are otherwise than in its newest version. One that fails holds up no other. Versions
 * that tell of what may not be published any more are withdrawn, whether a new one succeeds them or not.
 */
export async function publish(options: PublishOptions): Promise<Outcome[]> {
  const { datasets, folder, onProgress, signal } = options
  const outcomes: Outcome[] = []
  for (const [at, dataset] of datasets.entries()) {
    signal?.throwIfAborted()
    onProgress?.(dataset.id, at / datasets.length)
    outcomes.push(await publishOne(dataset, options))
  }
  rmSync(join(folder, WORK_FOLDER), { recursive: true, force: true })
  return outcomes
}

async function publishOne(dataset: Dataset, options: PublishOptions): Promise<Outcome> {
  const { published, folder, context, software, positions } = options
  const versions = published.versions(dataset.id)
  const latest = published.latest(dataset.id)?.version
  const outcome: Outcome = { dataset: dataset.id, withdrawn: [] }
  const allowed = dataset.subjects(context)
  try {
    const frozen = await freeze({
      ...{ dataset, context, allowed, folder, software, positions },
      before: latest && { version: latest, makeup: published.makeup(latest) },
      number: (versions.at(-1)?.version.version ?? 0) + 1,
    })
    if (frozen) {
      published.add(frozen)
      outcome.version = frozen.version
    }
    published.setChecked(dataset.id, { time: context.now, registry: context.registry.hash })
  } catch (error) {
    outcome.error = error instanceof Error ? error.message : String(error)
  }
  outcome.withdrawn = await withdrawHidden(dataset, allowed, options)
  return outcome
}

/** Withdraws the versions that tell of what may not be published any more. */
async function withdrawHidden(
  dataset: Dataset,
  allowed: ReadonlySet<string>,
  { published, context }: PublishOptions,
): Promise<number[]> {
  const hiddenIn = ({ version }: PublishedVersion) =>
    published.makeup(version).subjects.filter(subject => !allowed.has(subject))
  const versions = published.versions(dataset.id).filter(({ withdrawn }) => !withdrawn)
  const telling = versions.filter(version => hiddenIn(version).length > 0)
  if (telling.length === 0) return []
  // A version is marked last: where this is broken off, it is done once more.
  const hidden = new Set(telling.flatMap(hiddenIn))
  const subject = columnsOf(dataset.schema, dataset.subject)
  const key = columnsOf(dataset.schema, dataset.schema.primaryKey)
  await published.mapChanges(dataset.id, change =>
    hidden.has(subjectOf(change.row, subject)) ? withdrawalOf(change.row, key, 'subject') : change,
  )
  const withdrawal = { at: new Date(context.now).toISOString(), reason: WITHDRAWN }
  for (const { version } of telling) published.withdraw(version, withdrawal)
  published.sweep()
  return telling.map(({ version }) => version.version)
}

const WITHDRAWN = {
  fr: 'Cette version contenait des données qui ne sont plus publiées ; la version en vigueur la remplace.',
  en: 'This version held data that is not published any more; the version in force replaces it.',
}
