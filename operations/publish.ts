import { join } from 'node:path'
import type { Outcome } from '../publication/publish.ts'
import { openPublished } from '../publication/published.ts'
import { createPublisher } from '../publication/publisher.ts'
import type { Operation } from './operation.ts'

/** Publishes what is otherwise than in the newest versions. */
export const publishAll: Operation<Record<string, never>, Outcome[]> = async (
  parts,
  _,
  { progress, signal },
) => {
  const publisher = parts.publisher ?? (await ownPublisher(parts))
  return publisher.publish((dataset, done) => progress(`Publishing ${dataset}`, done), signal)
}

async function ownPublisher({
  settings,
  registry,
  version,
  clock,
  figures,
  readings,
  records,
}: Parameters<typeof publishAll>[0]) {
  const folder = join(settings.data, 'publication')
  const published = openPublished(folder)
  const sources = { figures: await figures(), readings: await readings(), records: await records() }
  const positions = async () => (await readings()).positions()
  return createPublisher({ folder, published, registry, sources, positions, software: version, clock })
}
