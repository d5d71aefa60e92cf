import { z } from 'zod'
import type { Bus } from '../../bus/contract.ts'
import type { LiveRegistry, RegistryState } from '../../registry/live.ts'
import type { Registry } from '../../registry/registry.ts'
import type { FigureStore } from '../../store/figures.ts'
import type { ReadingStore } from '../../store/readings.ts'
import type { RecordStore } from '../../store/records.ts'
import type { Server } from '../server.ts'

export interface HealthRoutes {
  registry: Registry
  registryFiles: Pick<LiveRegistry, 'state'>
  bus: Bus
  readings: ReadingStore
  figures: FigureStore
  records: RecordStore
}

/** A part that has not answered by then is not ready. */
const PATIENCE_MS = 2000

const tags = ['health']
const readiness = z.strictObject({
  status: z.enum(['ready', 'unready']),
  checks: z.strictObject({
    broker: z.boolean(),
    readings: z.boolean(),
    figures: z.boolean(),
    records: z.boolean(),
  }),
  registry: z
    .enum(['in-force', 'refused', 'awaits-restart'])
    .describe('Whether what its files say is in force; /v1/registry says what is not'),
})

/** Whether the process lives, and whether it can do its work. */
export function addHealthRoutes(server: Server, parts: HealthRoutes): void {
  const { registry, registryFiles, bus, readings, figures, records } = parts
  const somePoint = [...registry.points.keys()].slice(0, 1)

  server.get(
    '/health/live',
    {
      schema: { tags, summary: 'It runs', response: { 200: z.strictObject({ status: z.literal('live') }) } },
    },
    async () => ({ status: 'live' as const }),
  )

  server.get(
    '/health/ready',
    {
      schema: {
        tags,
        summary: 'The broker and the stores answer; 503 while one does not',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_, reply) => {
      const [readingsAnswer, figuresAnswer, recordsAnswer] = await Promise.all([
        answers(() => readings.latest(somePoint)),
        answers(() => figures.allConsumption('month', 0, 0)),
        answers(async () => records.auditEntries(1)),
      ])
      const checks = {
        broker: bus.connected,
        readings: readingsAnswer,
        figures: figuresAnswer,
        records: recordsAnswer,
      }
      const ready = Object.values(checks).every(Boolean)
      reply.header('Cache-Control', 'no-store')
      return reply.code(ready ? 200 : 503).send({
        status: ready ? 'ready' : 'unready',
        checks,
        registry: standingOf(registryFiles.state),
      })
    },
  )
}

function standingOf({ refused, awaitsRestart }: RegistryState) {
  if (refused) return 'refused'
  return awaitsRestart.length > 0 ? 'awaits-restart' : 'in-force'
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  const patience = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => patience.resolve(false), PATIENCE_MS)
  const answer = ask().then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([answer, patience.promise])
  } finally {
    clearTimeout(timer)
  }
}
