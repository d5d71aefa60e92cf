import { randomUUID } from 'node:crypto'
import { readJsonFile, replaceJsonFile } from '../../bus/json-file.ts'
import { readYaml } from '../../registry/files.ts'
import { type Problem, RegistryError } from '../../registry/problem.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Scenario, scenarioSchema, scenariosSchema } from '../../registry/scenario-schema.ts'
import { checkShape } from '../../registry/shape.ts'
import { problemAt } from '../../registry/source.ts'
import { type Act, createStage, type Stage } from './stage.ts'

/** Plays scenarios by their file, and those that somebody gives now. */
export interface Director {
  stage: Stage
  /** The time in the simulated world, ms UTC. */
  now(): number
  /**
   * Plays something from now on, where `for` is a duration of the simulated world such as `10min`.
   * @throws RangeError in words
   */
  start(input: Readonly<Record<string, unknown>>): Act
  /** @throws RangeError where nothing of that id was given */
  end(id: string): void
}

/** Given by hand and kept, so that a meter that has counted a leak does not forget it at the next start. */
interface Given {
  id: string
  scenario: Scenario
  until?: number
}

const MAX_GIVEN = 1000

/**
 * @param gateways those that run in this process
 * @param kept where what was given is kept
 * @param now the time in the simulated world
 * @throws RegistryError with everything that is wrong in the file
 */
export async function openDirector(options: {
  registry: Registry
  gateways?: Iterable<string>
  file?: string
  kept: string
  now: () => number
}): Promise<Director> {
  const { registry, gateways, file, kept, now } = options
  const stage = createStage(registry, gateways)
  if (file !== undefined) await readScenarios(file, stage)
  let given = (readJsonFile(kept) ?? []) as Given[]
  for (const { id, scenario, until } of given) {
    try {
      stage.add({ id, scenario, byHand: true, until })
    } catch (error) {
      // The registry has changed since: what it was given to is no more.
      if (!(error instanceof RangeError)) throw error
    }
  }
  const keep = (next: Given[]) => {
    replaceJsonFile(kept, next)
    given = next
  }

  return {
    stage,
    now,
    start(input) {
      if (given.length >= MAX_GIVEN)
        throw new RangeError(`${MAX_GIVEN} scenarios were given: remove ${kept}, at a stop`)
      const at = now()
      const parsed = scenarioSchema.safeParse({ ...input, at: new Date(at).toISOString() })
      if (!parsed.success)
        throw new RangeError(
          parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; '),
        )
      const scenario = { ...parsed.data, at }
      const id = randomUUID().slice(0, 8)
      stage.add({ id, scenario, byHand: true })
      keep([...given, { id, scenario }])
      return stage.list().at(-1)!
    },
    end(id) {
      const until = now()
      if (!given.some(other => other.id === id) || !stage.end(id, until))
        throw new RangeError(`there is no scenario ${id} that was given by hand`)
      keep(given.map(other => (other.id === id ? { ...other, until } : other)))
    },
  }
}

async function readScenarios(file: string, stage: Stage): Promise<void> {
  const { source, problems: unreadable } = await readYaml(file)
  const { value = [], problems: misshapen } = checkShape(scenariosSchema, source)
  const problems: Problem[] = [...unreadable, ...misshapen]
  for (const [index, scenario] of value.entries()) {
    try {
      stage.add({ id: `${index + 1}`, scenario, byHand: false })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      problems.push(problemAt(source, [index], error.message))
    }
  }
  if (problems.length > 0) throw new RegistryError(problems)
}
