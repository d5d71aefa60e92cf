import { z } from 'zod'
import type { LiveRegistry } from '../../registry/live.ts'
import type { Problem } from '../../registry/problem.ts'
import { instant, instantSchema } from '../fields.ts'
import type { Feed } from '../live/feed.ts'
import type { Server } from '../server.ts'

export const registryProblemSchema = z
  .strictObject({
    file: z.string(),
    line: z.int().nullable().describe('From 1; null where no line can be named'),
    column: z.int().nullable(),
    path: z.string().describe('As in rules[3].condition.below; empty for the file as a whole'),
    message: z.string().describe('In English'),
  })
  .meta({ id: 'RegistryProblem' })

const standingSchema = z.strictObject({
  hash: z.string().describe('SHA-256 of what is in force'),
  since: instantSchema.describe('When that was taken over'),
  refused: z
    .strictObject({ time: instantSchema, problems: z.array(registryProblemSchema) })
    .nullable()
    .describe('Why what the files say by now is not in force'),
  awaitsRestart: z
    .array(z.string())
    .describe('Parts of the files that differ from what is in force, and that only a restart takes over'),
  processes: z
    .array(
      z.strictObject({
        sender: z.string(),
        role: z.string(),
        registry: z.string(),
        problem: z.string().nullable().describe('Why it does not take over what its files say'),
      }),
    )
    .describe('The other parts of the hub that say which registry they run'),
})

/** How the registry in force stands to its files, for whoever may know what stands in them. */
export function addRegistryRoutes(
  server: Server,
  { registryFiles, feed }: { registryFiles: LiveRegistry; feed: Feed },
): void {
  server.get(
    '/v1/registry',
    {
      config: { account: true },
      schema: {
        tags: ['registry'],
        summary: 'Which registry is in force, and what of its files is not',
        response: { 200: standingSchema },
      },
    },
    async (_, reply) => {
      reply.header('Cache-Control', 'no-store')
      const { registry, state } = registryFiles
      const { since, refused, awaitsRestart } = state
      return {
        hash: registry.hash,
        since: instant(since),
        refused: refused
          ? { time: instant(refused.time), problems: refused.problems.map(describeRegistryProblem) }
          : null,
        awaitsRestart: [...awaitsRestart],
        processes: [...feed.statuses.values()]
          .filter(({ role, online }) => role !== 'gateway' && online)
          .map(({ sender, role, registry, registryProblem }) => ({
            ...{ sender, role, registry },
            problem: registryProblem ?? null,
          })),
      }
    },
  )
}

export function describeRegistryProblem({ file, line, column, path, message }: Problem) {
  return { file, line: line ?? null, column: column ?? null, path, message }
}
