import { startDerived } from '../derived/derived.ts'
import { watchGateways } from '../derived/gateways.ts'
import { missingData } from '../derived/missing-data.ts'
import { DERIVED_SENDER } from '../registry/derived/derived.ts'
import type { HubParts } from './parts.ts'

/** What the hub works out by itself and sends as a gateway would; beside the fluids, of which there is one process. */
export async function startDerivedOf(parts: HubParts): Promise<void> {
  const { settings, registry, registryFiles, clock, log, stores, keep, at, connect, willOf } = parts
  const bus = await connect('derived', willOf(DERIVED_SENDER, 'fluids'))
  const readings = await stores.readings()
  const derivers = [
    ...(await watchGateways({ registry, bus, clock })),
    missingData({ registry, readings, clock }),
  ]
  const outbox = { outboxFolder: at('derived'), outboxLimits: settings.outbox }
  const derived = keep(await startDerived({ registry, bus, readings, derivers, ...outbox, clock, log }))
  registryFiles.onTakenOver(() => derived.registryChanged())
}
