import type { RulePreview, RuleTrials } from '../api/rules/rules.ts'
import { type ReplayedEvent, replayRules } from './replay-rules.ts'

/** Whoever waits for a preview waits so long at most, ms; then it is of the points that were done. */
const PATIENCE_MS = 12_000

/** What one rule would have told of a time, and what was told then, as `affluent rules replay` tells it. */
export async function previewRule(
  parts: Parameters<typeof replayRules>[0],
  span: Parameters<RuleTrials['preview']>[1],
  signal: AbortSignal,
): Promise<RulePreview> {
  const context = { progress() {}, signal }
  const { would, did, plans } = await replayRules(parts, { ...span, patience: PATIENCE_MS }, context)
  const told = (events: ReplayedEvent[]) => events.map(({ rule: _, ...event }) => event)
  return { would: told(would), did: told(did), points: plans }
}
