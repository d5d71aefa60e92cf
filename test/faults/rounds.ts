import { startChoices } from '../random.ts'
import { findDifferences, playLine } from './line.ts'
import { planRound, type Step } from './plan.ts'
import { perform } from './round.ts'
import { verify } from './verify.ts'
import { startEmbeddedWorld, startInfluxWorld, type World } from './world.ts'

/**
 * `line`: outbox, broker, ingest and a store that obeys, in this process; `embedded`: processes of ours;
 * `influxdb`: more of them, with Mosquitto and InfluxDB.
 */
export const TOPOLOGIES = ['line', 'embedded', 'influxdb'] as const
export type Topology = (typeof TOPOLOGIES)[number]

/** The topology that belongs to a seed: of a hundred in a row, sixty, thirty, and the ten that take longest. */
export function topologyOf(seed: number): Topology {
  const place = seed % 100
  return place < 60 ? 'line' : place < 90 ? 'embedded' : 'influxdb'
}

/** Readings add up: after so many rounds a world is given up for a new one. */
const ROUNDS_A_WORLD = 15

/**
 * Plays rounds, those of one topology in the same world while that lasts. A seed alone makes a plan; what is in
 * the world from earlier rounds does not change it.
 */
export function openTheatre() {
  let stage: { topology: Topology; world: World; rounds: number } | undefined

  async function leave(): Promise<void> {
    await stage?.world.close()
    stage = undefined
  }

  async function worldOf(topology: 'embedded' | 'influxdb'): Promise<World> {
    if (stage?.topology !== topology || stage.rounds === ROUNDS_A_WORLD) {
      await leave()
      const world = await (topology === 'embedded' ? startEmbeddedWorld() : startInfluxWorld())
      stage = { topology, world, rounds: 0 }
    }
    stage.rounds++
    return stage.world
  }

  return {
    /**
     * One round; gives what it had in one line.
     * @throws Error with the plan, what differs, and what the processes wrote last.
     */
    async play(seed: number, topology: Topology): Promise<string> {
      const began = performance.now()
      // A world goes on by itself: it would take the time of the others.
      if (topology === 'line') await leave()
      const told = await (topology === 'line' ? playInLine(seed) : playInWorld(seed, topology))
      return `${topology} seed ${seed}: ${told}, ${((performance.now() - began) / 1000).toFixed(1)} s`
    },
    close: leave,
  }

  async function playInWorld(seed: number, topology: 'embedded' | 'influxdb'): Promise<string> {
    const world = await worldOf(topology)
    const plan = planRound(startChoices(seed), world)
    try {
      await perform(world, plan)
      const { journalled, stored, unread } = await verify(world)
      return `${plan.map(summarize).join(', ')}; ${journalled} journalled, ${stored} stored, ${unread} not read`
    } catch (error) {
      const logs = world.parts.map(name => `--- ${name}\n${world.log(name).slice(-2000)}`)
      await leave()
      const steps = plan.map(step => JSON.stringify(step))
      throw new Error([`seed ${seed}: ${(error as Error).message}`, ...steps, ...logs].join('\n'), {
        cause: error,
      })
    }
  }
}

async function playInLine(seed: number): Promise<string> {
  const outcome = await playLine(seed)
  const { steps, appended, stored, announced, setAside } = outcome
  const wrong = findDifferences(outcome)
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.slice(0, 20).join('\n')}\n${steps.join(', ')}`)
  return `${steps.join(', ')}; ${appended.size} appended, ${stored.length} stored, ${announced.size} announced, ${setAside.size} set aside`
}

function summarize(step: Step): string {
  if ('kill' in step) return `kill ${step.kill}`
  if ('link' in step) return `${step.fault} ${step.link}`
  return 'poison' in step ? 'poison' : 'deaf subscriber'
}
