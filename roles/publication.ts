import type { Fluids } from '../fluids/fluids.ts'
import { openClimateSource } from '../publication/climate.ts'
import { DATASETS } from '../publication/datasets.ts'
import { firstStart } from '../publication/first-start.ts'
import { openProofLog, type ProofLog } from '../publication/log/log.ts'
import { originOf, recordVersions } from '../publication/log/record.ts'
import { readCertificates } from '../publication/log/stamp.ts'
import { createStamper } from '../publication/log/stamper.ts'
import { createPublication, type Publication } from '../publication/publication.ts'
import { openPublished } from '../publication/published.ts'
import { createPublisher, type Publisher } from '../publication/publisher.ts'
import { createQueries } from '../publication/query/queries.ts'
import { dueAfter, startSchedule } from '../publication/schedule.ts'
import type { HubParts } from './parts.ts'

/** The open data of a hub: what is told of it, and what makes it. */
export interface PublicationRole {
  publication: Publication
  publisher: Publisher
  /** Undefined where it cannot be read. */
  proofLog: ProofLog | undefined
  /** Publishes in time from then on. */
  start(fluids: Fluids | undefined): void
}

/** The log of what was published; nothing else depends on it. */
function openLog({ address, clock, log }: HubParts, folder: string): ProofLog | undefined {
  try {
    return openProofLog({ folder, origin: () => originOf(address.baseUrl), clock, log })
  } catch (error) {
    log.error(error, 'the log of what was published cannot be opened; what is published is not proven')
    return undefined
  }
}

function readStamps({ url, certificates }: { url: string; certificates?: string | undefined }) {
  return { url, trusted: certificates === undefined ? undefined : readCertificates(certificates) }
}

export async function openPublicationRole(parts: HubParts): Promise<PublicationRole> {
  const { settings, registry, version, clock, log, stores, keep, at, address } = parts
  const { times } = settings.publication
  const folder = at('publication')
  const published = openPublished(folder)
  const since = firstStart(folder, clock)
  const figures = await stores.figures()
  const sources = {
    ...{ figures, excluded: figures },
    readings: await stores.readings(),
    records: await stores.records(),
    climate: openClimateSource(settings, log),
  }
  const proofLog = openLog(parts, folder)
  if (proofLog) keep(proofLog)

  const { stamps } = settings.publication
  const stamper = proofLog && stamps && keep(createStamper({ proofLog, log, ...readStamps(stamps) }))

  /** What fails is tried again at the end of the next publication. */
  function record(): void {
    if (!proofLog) return
    try {
      recordVersions(proofLog, published, DATASETS)
    } catch (error) {
      log.error(error, 'versions were published that are not in the log of what was published')
    }
    stamper?.wake()
  }

  const publisher = keep(
    createPublisher({
      ...{ folder, published, registry, sources, clock },
      positions: async () => (await stores.readings()).positions(),
      software: version,
      onEnd: record,
    }),
  )
  return {
    publisher,
    proofLog,
    publication: createPublication({
      ...{ registry, published, folder, queries: keep(createQueries()) },
      baseUrl: () => address.baseUrl,
      dueAt: checkedAt => dueAfter(checkedAt ?? since, times, registry.territory.timeZone),
    }),
    start(fluids) {
      record()
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
