import type { Choices } from '../random.ts'
import { NETWORK_FAULTS, type NetworkFault } from './proxy.ts'

/** What happens in a round; times in ms from its beginning. */
export type Step = { at: number } & (
  | { kill: string; backAfter: number }
  | { link: string; fault: NetworkFault; for: number }
  /** A message that nothing can be made of, on the topic of the gateway's readings. */
  | { poison: string }
  /** A subscriber to everything, that never reads. */
  | { deaf: true; for: number }
)

export interface Stage {
  /** What can be killed, and the links that can fail; `mqtt` where packets can come twice. */
  parts: readonly string[]
  links: ReadonlyMap<string, { mqtt: boolean }>
}

const LENGTH_MS = 1500

/** Between two and six incidents, of which kills often come together. */
export function planRound(choices: Choices, { parts, links }: Stage): Step[] {
  const steps: Step[] = []
  /** Each is killed once: to start again is what takes the time of a round. */
  const alive = new Set(parts)
  for (let left = choices.between(2, 6); left > 0; left--) {
    const at = choices.below(LENGTH_MS)
    const length = choices.between(50, 1200)
    const what = choices.below(20)
    if (what < 8) {
      const together = choices.chance(0.3) ? choices.between(2, parts.length) : 1
      for (let victim = 0; victim < together && alive.size > 0; victim++) {
        const kill = choices.pick([...alive])
        alive.delete(kill)
        steps.push({ at, kill, backAfter: choices.below(800) })
      }
    } else if (what < 16) {
      const link = choices.pick([...links.keys()])
      const faults = NETWORK_FAULTS.filter(fault => fault !== 'duplicate' || links.get(link)!.mqtt)
      steps.push({ at, link, fault: choices.pick(faults), for: length })
    } else if (what < 18) steps.push({ at, poison: choices.pick(POISONS) })
    else steps.push({ at, deaf: true, for: length })
  }
  return steps.sort((a, b) => a.at - b.at)
}

const POISONS = [
  '',
  'poison',
  '{"version":1}',
  '[]',
  '{"version":1,"sender":"other","stream":"measures","run":"r","first":1,"sent":1,"backlog":false}',
  `{"version":1,"sender":"gw","stream":"nothing","run":"r","first":1e308,"readings":${'['.repeat(200)}`,
] as const
