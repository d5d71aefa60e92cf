import { mkdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { lockFolder } from '../bus/folder-lock.ts'
import type { Share } from '../bus/share.ts'
import { findChangedUnits } from '../ingest/changed-units.ts'
import { type Ingest, startIngest } from '../ingest/ingest.ts'
import type { HubParts } from './parts.ts'

/** @param onShare told of the lease of this process before it takes its first batch */
export async function startIngestRole(parts: HubParts, onShare: (share: Share) => void): Promise<Ingest> {
  const { settings, registry, clock, log, signal, stores, keep, at, connect, hearReadings } = parts
  const { willOf, instance, shared } = parts
  // Two processes of the role must not keep their data in one place.
  if (shared) {
    mkdirSync(at('ingest'), { recursive: true })
    const lock = lockFolder(at('ingest'))
    keep({ close: lock.release })
  }
  const bus = await connect('ingest', willOf(`ingest-${instance}`, 'ingest'))
  const store = await stores.readings()
  const share = parts.openShareOf('ingest', bus)
  onShare(share)
  const senderOf = (point: string) => registry.points.get(point)?.gateway
  const refused = await findChangedUnits(await stores.units(), registry.points.values(), store)
  for (const [point, { reason }] of refused) log.error({ point }, `readings are set aside: ${reason}`)
  const ingest = keep(
    await startIngest({
      bus,
      // Of several, who has lost his share cuts the connection, so that nothing comes late.
      ...(!shared && { readingsBus: await hearReadings() }),
      store,
      quarantine: await stores.quarantine(),
      queueBytes: settings.ingest.queue,
      refused,
      share: { ...share, registry, senderOf, retain: store.retain },
      clock,
      log,
    }),
  )
  if (!shared && !parts.plays('broker')) await refuseSecond(share, signal)
  return ingest
}

/** A broker that is away is no reason not to start: who else is there is heard later. */
const LONGEST_LISTENING_MS = 5000

/** @throws Error when another process with an embedded store is at work at the broker. */
async function refuseSecond(share: Share, signal: AbortSignal): Promise<void> {
  const limit = setTimeout(LONGEST_LISTENING_MS, undefined, { signal }).catch(() => {})
  await Promise.race([share.listened, limit])
  const [other] = share.others()
  if (other)
    throw new Error(
      `${other} takes the readings of this broker already: with the embedded store there is one ingest ` +
        'process; stop one of the two, or point both at an InfluxDB (store.kind: influxdb)',
    )
}
