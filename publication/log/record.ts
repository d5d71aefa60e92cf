import type { Published, PublishedVersion } from '../published.ts'
import type { ProofLog } from './log.ts'

/** How the log of a hub is named: its address without the scheme. */
export function originOf(baseUrl: string): string {
  return `${baseUrl.replace(/^https?:\/\//, '')}/open-data/log`
}

/** Adds the versions of datasets that a log does not have yet, in the order in which they were published, and signs. */
export function recordVersions(
  log: Pick<ProofLog, 'append' | 'find' | 'head'>,
  published: Pick<Published, 'versions'>,
  datasets: readonly { id: string }[],
): void {
  const lacking = datasets
    .flatMap(({ id }) => published.versions(id))
    .filter(({ version: { dataset, version } }) => log.find(dataset, version) === undefined)
    .sort(byPublication)
  for (const { text } of lacking) log.append(Buffer.from(text))
  if (lacking.length > 0) log.head()
}

function byPublication({ version: a }: PublishedVersion, { version: b }: PublishedVersion): number {
  return a.publishedAt < b.publishedAt ? -1 : a.publishedAt > b.publishedAt ? 1 : a.version - b.version
}
