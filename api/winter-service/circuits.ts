import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import { textSchema } from '../fields.ts'
import type { Server } from '../server.ts'

export const sectionSchema = z.strictObject({
  ...{ id: z.string(), road: z.string(), fromPk: z.string(), toPk: z.string() },
  label: z.string().nullable(),
})

/** Which roads are looked after together: nothing of it is of persons. */
export function addCircuitRoutes(server: Server, { registry }: { registry: Registry }): void {
  server.get(
    '/v1/winter-service/circuits',
    {
      schema: {
        tags: ['winter-service'],
        summary: 'The circuits of the winter service, with their sections and the stations that tell of them',
        response: {
          200: z.strictObject({
            circuits: z.array(
              z.strictObject({
                id: z.string(),
                name: textSchema,
                sections: z.array(sectionSchema),
                stations: z.array(z.string()),
              }),
            ),
          }),
        },
      },
    },
    async () => ({
      circuits: [...registry.circuits.values()].map(({ id, name, sections, stations }) => ({
        ...{ id, name, stations },
        sections: sections.map(({ label = null, ...section }) => ({ ...section, label })),
      })),
    }),
  )
}
