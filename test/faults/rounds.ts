import { startChoices } from '../random.ts'
import { planRound, type Step } from './plan.ts'
import { perform } from './round.ts'
import { verify } from './verify.ts'
import { startEmbeddedWorld, startInfluxWorld, type World } from './world.ts'

export const TOPOLOGIES = ['embedded', 'influxdb'] as const
export type Topology = (typeof TOPOLOGIES)[number]

/** What a round had, in one line. */
export type Told = (line: string) => void

/** Readings add up: after so many rounds a world is given up for a new one. */
const ROUNDS_A_WORLD = 25

/**
 * Plays rounds of one topology, one after the other in the same world while that lasts. A seed alone makes a
 * plan; what is in the world from earlier rounds does not change it.
 */
export function openTheatre(topology: Topology) {
  let world: World | undefined
  let rounds = 0

  async function leave(): Promise<void> {
    await world?.close()
    world = undefined
  }

  return {
    /** @throws Error with the plan, what differs, and what the processes wrote last. */
    async play(seed: number, tell: Told): Promise<void> {
      if (rounds++ % ROUNDS_A_WORLD === 0) await leave()
      world ??= await (topology === 'embedded' ? startEmbeddedWorld() : startInfluxWorld())
      const plan = planRound(startChoices(seed), world)
      const began = performance.now()
      try {
        await perform(world, plan)
        const { journalled, stored, unread } = await verify(world)
        const seconds = ((performance.now() - began) / 1000).toFixed(1)
        tell(
          `${topology} seed ${seed}: ${plan.map(summarize).join(', ')}; ${journalled} journalled, ${stored} stored, ${unread} not read, ${seconds} s`,
        )
      } catch (error) {
        const logs = world.parts.map(name => `--- ${name}\n${world!.log(name).slice(-2000)}`)
        await leave()
        throw new Error(
          `${topology} seed ${seed}: ${(error as Error).message}\n${plan.map(step => JSON.stringify(step)).join('\n')}\n${logs.join('\n')}`,
          { cause: error },
        )
      }
    },
    close: leave,
  }
}

function summarize(step: Step): string {
  if ('kill' in step) return `kill ${step.kill}`
  if ('link' in step) return `${step.fault} ${step.link}`
  return 'poison' in step ? 'poison' : 'deaf subscriber'
}
