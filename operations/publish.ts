import { join } from 'node:path'
import { openClimateSource } from '../publication/climate.ts'
import { DATASETS } from '../publication/datasets.ts'
import { openProofLog } from '../publication/log/log.ts'
import { originOf, recordVersions } from '../publication/log/record.ts'
import type { Outcome } from '../publication/publish.ts'
import { openPublished } from '../publication/published.ts'
import { createPublisher, type Publisher } from '../publication/publisher.ts'
import type { Operation, OperationParts } from './operation.ts'

/** Publishes what is otherwise than in the newest versions, by default without computing again what is made of the same. */
export const publishAll: Operation<{ anew?: boolean }, Outcome[]> = async (
  parts,
  { anew },
  { progress, signal },
) => {
  const publisher = parts.publisher ?? (await ownPublisher(parts))
  return publisher.publish((dataset, done) => progress(`Publishing ${dataset}`, done), signal, anew)
}

async function ownPublisher(parts: OperationParts): Promise<Publisher> {
  const { settings, registry, version, clock, log, figures, readings, records, baseUrl } = parts
  const folder = join(settings.data, 'publication')
  const published = openPublished(folder)
  return createPublisher({
    ...{ folder, published, registry, clock },
    sources: {
      ...{ figures: await figures(), excluded: await figures() },
      ...{ readings: await readings(), records: await records() },
      climate: openClimateSource(settings, log),
    },
    positions: async () => (await readings()).positions(),
    software: version,
    onEnd() {
      const proofLog = openProofLog({ folder, origin: () => originOf(baseUrl()), clock, log })
      try {
        recordVersions(proofLog, published, DATASETS)
      } finally {
        proofLog.close()
      }
    },
  })
}
