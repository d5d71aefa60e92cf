import type { Fluids } from '../fluids/fluids.ts'
import { DATASETS } from '../publication/datasets.ts'
import { createPublication, type Publication } from '../publication/publication.ts'
import { openPublished } from '../publication/published.ts'
import { createPublisher, type Publisher } from '../publication/publisher.ts'
import { dueAfter, startSchedule } from '../publication/schedule.ts'
import type { HubParts } from './parts.ts'

/** The open data of a hub: what is told of it, and what makes it. */
export interface PublicationRole {
  publication: Publication
  publisher: Publisher
  /** Publishes in time from then on. */
  start(fluids: Fluids | undefined): void
}

export async function openPublicationRole(parts: HubParts): Promise<PublicationRole> {
  const { settings, registry, version, clock, log, stores, keep, at, address } = parts
  const { times } = settings.publication
  const folder = at('publication')
  const published = openPublished(folder)
  const sources = { figures: await stores.figures() }
  const publisher = keep(createPublisher({ folder, published, registry, sources, software: version, clock }))
  return {
    publisher,
    publication: createPublication({
      ...{ registry, published, folder },
      baseUrl: () => address.baseUrl,
      dueAt: checkedAt => dueAfter(checkedAt, times, registry.territory.timeZone),
    }),
    start(fluids) {
      keep(
        startSchedule({
          ...{ publisher, registry, times, clock, log },
          checked: () => DATASETS.map(({ id }) => published.checked(id)),
          settled: async () => fluids?.settled(),
        }),
      )
    },
  }
}
