import type { Scenario } from '../registry/scenario-schema.ts'
import type { Director } from '../simulators/scenarios/director.ts'
import type { Operation, OperationParts } from './operation.ts'

/** A scenario as it is told; times in ms UTC of the simulated world. */
export interface ToldScenario {
  /** Of one from the scenario file, its place in it. */
  id: string
  scenario: Scenario
  /** When somebody ended it. */
  until: number | null
}

/** The scenarios of the simulators that this process runs, over or to come as well. */
export const listScenarios: Operation<Record<string, never>, ToldScenario[]> = async parts =>
  directorOf(parts)
    .stage.list()
    .map(({ id, scenario, until = null }) => ({ id, scenario, until }))

/** Plays something from now on. */
export const startScenario: Operation<Record<string, unknown>, ToldScenario> = async (parts, input) => {
  const { id, scenario } = directorOf(parts).start(input)
  return { id, scenario, until: null }
}

export const endScenario: Operation<{ id: string }, null> = async (parts, { id }) => {
  directorOf(parts).end(id)
  return null
}

function directorOf({ simulators }: Pick<OperationParts, 'simulators'>): Director {
  if (!simulators) throw new Error('no simulators run in this process: where are the devices played?')
  return simulators.director
}

/** The process of a gateway that is nothing else, for who is about to end it. */
export const preparePowerCut: Operation<Record<string, never>, { pid: number }> = async ({ settings }) => {
  const others = [...settings.roles].filter(role => role !== 'gateway')
  if (others.length > 0)
    throw new Error(
      `this process is ${others.join(', ')} as well: a power cut is for a gateway alone; where devices are played beside it, \`affluent scenario start power-cut --on <gateway>\` plays one`,
    )
  return { pid: process.pid }
}
