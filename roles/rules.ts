import { describeProblem } from '../registry/problem.ts'
import type { Notify } from '../rules/notify/notify.ts'
import { RULES_SENDER, startRules } from '../rules/rules.ts'
import type { HubParts } from './parts.ts'

/** @param notify what tells people of alerts, where it is in this process */
export async function startRulesRole(parts: HubParts, notify?: Pick<Notify, 'tell'>): Promise<void> {
  const {
    settings,
    registry,
    registryFiles,
    clock,
    log,
    stores,
    keep,
    at,
    connect,
    hearReadings,
    willOf,
    instance,
    shared,
  } = parts
  const bus = await connect('rules', willOf(shared ? `rules-${instance}` : RULES_SENDER, 'rules'))
  const rules = keep(
    await startRules({
      registry,
      bus,
      readingsBus: await hearReadings(),
      share: shared ? parts.openShareOf('rules', bus) : undefined,
      readings: await stores.readings(),
      outboxFolder: at('rules'),
      outboxLimits: settings.outbox,
      onJournalled: notify?.tell,
      clock,
      log,
    }),
  )
  registryFiles.onTakenOver(() => rules.change(registry))
  registryFiles.onState(({ refused }) =>
    rules.refusesRegistry(refused?.problems.map(describeProblem).join('\n')),
  )
}
