import { once } from 'node:events'
import { watchStored } from '../bus/stored.ts'
import { type Fluids, startFluids } from '../fluids/fluids.ts'
import { loadFormats } from '../ingest/distributor/formats.ts'
import { watchFolder } from '../ingest/distributor/watch-folder.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { keepStatements } from '../ingest/statements/keep-statements.ts'
import type { ReadingColumns } from '../model/reading.ts'
import type { Statement } from '../model/statement.ts'
import type { HubParts } from './parts.ts'

/** Consumption from what is stored here, or by the ingest processes elsewhere. */
export async function startFluidsRole(parts: HubParts, ingest: Ingest | undefined): Promise<Fluids> {
  const { settings, registry, clock, log, progress, signal, stores, keep, connect } = parts
  const onProgress = (share: number) => progress('Computing consumption', share)
  onProgress(0)
  const opened = { readings: await stores.readings(), figures: await stores.figures() }
  const statements = await stores.statements()
  const revisions = await stores.revisions()
  const { closeAfter } = settings.fluids
  const fluids = keep(
    await startFluids({ registry, ...opened, statements, revisions, closeAfter, clock, log, onProgress }),
  )
  if (settings.distributor) {
    const { restated } = fluids
    const onStatements = (stated: Statement[]) =>
      keepStatements(statements, stated, { now: clock.now(), restated, signal })
    const formats = await loadFormats()
    keep(await watchFolder({ ...settings.distributor, formats, registry, onStatements, log }))
  }
  const note = (stored: ReadingColumns) => {
    for (const [i, point] of stored.points.entries())
      fluids.changed(point, stored.times[i]!, stored.times[i]!)
  }
  if (ingest) ingest.onStored(note)
  else await watchStored(await connect('fluids'), ['indexes'], note)
  // A store that is away is no reason not to start: fluids try again by themselves.
  await Promise.race([fluids.settled().catch(() => {}), once(signal, 'abort')])
  return fluids
}
