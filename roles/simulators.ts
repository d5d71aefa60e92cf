import { importReadings } from '../ingest/import.ts'
import type { ReadingColumns } from '../model/reading.ts'
import { finishFirstHistory, planFirstHistory } from '../simulators/first-history.ts'
import { simulateHistory } from '../simulators/history.ts'
import { type Simulators, startSimulators } from '../simulators/simulators.ts'
import type { HubParts } from './parts.ts'

/** The simulated devices; where readings are stored here, their history is laid down first. */
export async function startSimulatorsRole(parts: HubParts): Promise<Simulators> {
  const { settings, registry, clock, log, keep, at, plays } = parts
  const { seed, speed, scenarios } = settings.simulators
  const folder = at('simulators')
  const gateways = plays('gateway') ? (settings.gateways ?? registry.gateways.keys()) : []
  const simulators = keep(
    await startSimulators({ registry, gateways, clock, seed, speed, scenarios, log, folder }),
  )
  if (plays('ingest')) await layDownHistory(parts)
  return simulators
}

async function layDownHistory(parts: HubParts): Promise<void> {
  const { settings, registry, clock, log, progress, signal, stores, at } = parts
  const { seed, historyMonths: months } = settings.simulators
  const file = at('history.json')
  const plan = planFirstHistory({ file, registry, seed, months, now: clock.now() })
  if (!plan) return
  const pace = (time: number) => progress('Laying down history', (time - plan.from) / (plan.to - plan.from))
  const portions = simulateHistory({ registry, ...plan })
  const onDone = ({ times }: ReadingColumns) => pace(times.at(-1)!)
  const store = await stores.readings()
  const quarantine = await stores.quarantine()
  await importReadings({ store, name: plan.hash, portions, quarantine, clock, log, onDone, signal })
  pace(plan.to)
  finishFirstHistory(file, plan)
}
