import { z } from 'zod'
import { SCENARIO_NAMES, type Scenario, type ScenarioName } from '../../registry/scenario-schema.ts'
import { instant, instantOrNull, instantSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'

/** Who plays scenarios; all times in ms UTC of the simulated world. */
export interface ScenarioDirector {
  now(): number
  stage: {
    list(): readonly Play[]
    /** What may begin now on what `on` names. */
    possible(on: string): ScenarioName[]
  }
  /** @throws RangeError in words */
  start(input: Readonly<Record<string, unknown>>): Play
  /** @throws RangeError in words */
  end(id: string): void
}

interface Play {
  id: string
  scenario: Scenario
  /** The last time that it began, up to an instant. */
  times: { latest(time: number): { from: number; to: number } | undefined }
  byHand: boolean
  /** When somebody ended it. */
  until?: number
}

export interface ScenarioRoutes {
  /** Of the simulators of this process, once they run. */
  director?: () => ScenarioDirector | undefined
}

const on = z
  .string()
  .min(1)
  .describe('A point, a device as <site>/<device>, a site, a connection or a gateway')
const told = z
  .strictObject({
    id: z.string(),
    scenario: z.enum(SCENARIO_NAMES),
    on: z.string(),
    start: instantSchema.describe('Of the last time that it began, or of the first one to come'),
    end: instantSchema,
    every: z.enum(['day', 'week']).nullable(),
    playing: z.boolean(),
    byHand: z.boolean().describe('It may be ended'),
    ended: instantSchema.nullable().describe('When somebody ended it'),
  })
  .meta({ id: 'Scenario' })

/** What simulated devices are told to do wrong. Only for an account: whoever plays a leak raises an alert. */
export function addScenarioRoutes(
  server: Server,
  { director: found = () => undefined }: ScenarioRoutes,
): void {
  server.get(
    '/v1/scenarios',
    {
      config: { account: true },
      schema: {
        tags: ['simulators'],
        summary: 'What simulated devices play, or may play',
        querystring: z.strictObject({ on: on.optional() }),
        response: {
          200: z.strictObject({
            simulated: z.boolean().describe('Whether this process simulates devices'),
            time: instantSchema.nullable().describe('In the simulated world, whose times all others are'),
            possible: z.array(z.enum(SCENARIO_NAMES)).describe('What may be started on `on`'),
            scenarios: z.array(told),
          }),
          ...problems(400, 401),
        },
      },
    },
    async ({ query }, reply) => {
      reply.header('Cache-Control', 'no-store')
      const director = found()
      if (!director) return { simulated: false, time: null, possible: [], scenarios: [] }
      const now = director.now()
      const acts = director.stage
        .list()
        .filter(({ scenario }) => !query.on || isWithin(scenario.on, query.on))
      return {
        simulated: true,
        time: instant(now),
        possible: query.on === undefined ? [] : director.stage.possible(query.on),
        scenarios: acts.map(act => tell(act, now)),
      }
    },
  )

  server.post(
    '/v1/scenarios',
    {
      config: { write: { action: 'start-scenario', credential: 'account' } },
      schema: {
        tags: ['simulators'],
        summary: 'Have simulated devices play something from now on',
        body: z
          .looseObject({ scenario: z.enum(SCENARIO_NAMES), on, for: z.string().describe('10min, 2h, 1d') })
          .describe('Its parameters beside these'),
        response: { 201: told, ...problems(400, 401, 403, 409) },
      },
    },
    async ({ body }, reply) => {
      const director = simulating(found())
      return reply.code(201).send(
        tell(
          refused(() => director.start(body)),
          director.now(),
        ),
      )
    },
  )

  server.delete(
    '/v1/scenarios/:id',
    {
      config: { write: { action: 'end-scenario', credential: 'account' } },
      schema: {
        tags: ['simulators'],
        summary: 'End what was started by hand',
        params: z.strictObject({ id: z.string().min(1) }),
        response: { 204: z.null(), ...problems(400, 401, 403, 409) },
      },
    },
    async ({ params: { id } }, reply) => {
      const director = simulating(found())
      refused(() => director.end(id))
      return reply.code(204).send(null)
    },
  )
}

function simulating(director: ScenarioDirector | undefined): ScenarioDirector {
  if (!director) throw new Problem(409, 'No devices are simulated in this process.')
  return director
}

function refused<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(400, `${error.message}.`)
    throw error
  }
}

/** Whether one place is the other or a part of it, by their names. */
function isWithin(place: string, whole: string): boolean {
  return place === whole || place.startsWith(`${whole}/`)
}

function tell({ id, scenario, times, until, byHand }: Play, now: number): z.output<typeof told> {
  const { from, to } = times.latest(now) ?? { from: scenario.at, to: scenario.at + scenario.for }
  return {
    id,
    scenario: scenario.scenario,
    on: scenario.on,
    start: instant(from),
    end: instant(to),
    every: scenario.every ?? null,
    playing: from <= now && now < to,
    byHand,
    ended: instantOrNull(until),
  }
}
