import { openSiteFindings } from '../api/findings/site-findings.ts'
import { calendarFor } from '../api/findings/site-hours.ts'
import { dailyTest } from '../derived/daily-test.ts'
import { startDerived } from '../derived/derived.ts'
import { findWaste } from '../derived/findings.ts'
import { watchGateways } from '../derived/gateways.ts'
import { implausibleReadings } from '../derived/implausible-readings.ts'
import { missingData } from '../derived/missing-data.ts'
import type { Fluids } from '../fluids/fluids.ts'
import { DERIVED_SENDER } from '../registry/derived/derived.ts'
import { PATIENCE_MS } from '../rules/notify/daily-test.ts'
import type { HubParts } from './parts.ts'

/** What the hub works out by itself and sends as a gateway would; beside the fluids, of which there is one process. */
export async function startDerivedOf(
  parts: HubParts,
  { exclusions }: Pick<Fluids, 'exclusions'>,
  lastTest: Parameters<typeof dailyTest>[0]['lastTest'],
): Promise<void> {
  const { settings, registry, registryFiles, clock, log, stores, keep, at, connect, willOf } = parts
  const bus = await connect('derived', willOf(DERIVED_SENDER, 'fluids'))
  const readings = await stores.readings()
  const figures = await stores.figures()
  const look: Parameters<typeof findWaste>[0]['look'] = (site, from, to) => {
    const calendar = calendarFor({ from, to }, clock.now(), registry.territory.timeZone)
    return openSiteFindings({ registry, figures }, calendar)(site)
  }
  const derivers = [
    ...(await watchGateways({ registry, bus, clock })),
    missingData({ registry, readings, clock }),
    implausibleReadings({ registry, readings, exclusions, clock }),
    findWaste({ registry, figures, look, clock }),
    dailyTest({ registry, lastTest, patienceMs: PATIENCE_MS, clock }),
  ]
  const outbox = { outboxFolder: at('derived'), outboxLimits: settings.outbox }
  const derived = keep(await startDerived({ registry, bus, readings, derivers, ...outbox, clock, log }))
  registryFiles.onTakenOver(() => derived.registryChanged())
}
