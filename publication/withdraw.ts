import { columnsOf, type Dataset, subjectOf } from './dataset.ts'
import type { PublishOptions } from './publish.ts'
import type { PublishedVersion } from './published.ts'
import { type Change, withdrawalOf } from './version.ts'

/**
 * Withdraws the versions that tell of what may not be published any more.
 * @param allowed what may be
 * @returns their numbers
 */
export async function withdrawSubjects(
  dataset: Dataset,
  allowed: ReadonlySet<string>,
  { published, context }: Pick<PublishOptions, 'published' | 'context'>,
): Promise<number[]> {
  const hiddenIn = ({ version }: PublishedVersion) =>
    published.makeup(version).subjects.filter(subject => !allowed.has(subject))
  const versions = published.versions(dataset.id)
  const telling = versions.filter(version => !version.withdrawn && hiddenIn(version).length > 0)
  if (telling.length === 0) return []
  // A version is marked last: where this is broken off, it is done once more.
  const hidden = new Set(telling.flatMap(hiddenIn))
  const subject = columnsOf(dataset.schema, dataset.subject)
  const key = columnsOf(dataset.schema, dataset.schema.primaryKey)
  const forget = async function* (changes: AsyncIterable<Change>) {
    for await (const change of changes)
      yield hidden.has(subjectOf(change.row, subject)) ? withdrawalOf(change.row, key, 'subject') : change
  }
  for (const { version } of versions) await published.rewriteChanges(version, forget)
  const withdrawal = { at: new Date(context.now).toISOString(), reason: NOT_PUBLISHED }
  for (const { version } of telling) published.withdraw(version, withdrawal)
  published.sweep()
  return telling.map(({ version }) => version.version)
}

const NOT_PUBLISHED = {
  fr: 'Cette version contenait des données qui ne sont plus publiées ; la version en vigueur la remplace.',
  en: 'This version held data that is not published any more; the version in force replaces it.',
}
