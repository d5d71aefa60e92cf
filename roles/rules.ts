import { RULES_SENDER, startRules } from '../rules/rules.ts'
import type { HubParts } from './parts.ts'

export async function startRulesRole(parts: HubParts): Promise<void> {
  const { settings, registry, clock, log, stores, keep, at, connect, willOf, instance, shared } = parts
  const bus = await connect('rules', willOf(shared ? `rules-${instance}` : RULES_SENDER, 'rules'))
  keep(
    await startRules({
      registry,
      bus,
      share: shared ? parts.openShareOf('rules', bus) : undefined,
      readings: await stores.readings(),
      outboxFolder: at('rules'),
      outboxLimits: settings.outbox,
      clock,
      log,
    }),
  )
}
