import { z } from 'zod'
import { SEVERITIES } from '../../model/alert.ts'
import { bandsOf } from '../../model/alert-history.ts'
import type { Clock } from '../../model/clock.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RecordStore } from '../../store/records.ts'
import { idParameter, instant, instantSchema } from '../fields.ts'
import { Problem, problems } from '../problem.ts'
import type { Server } from '../server.ts'

interface HistoryRoutes {
  registry: Registry
  records: RecordStore
  clock: Clock
}

const SPAN_MS = 12 * HOUR_MS

/** What the alerts of a site have said in the last twelve hours. */
export function addAlertHistoryRoutes(server: Server, { registry, records, clock }: HistoryRoutes): void {
  server.get(
    '/v1/sites/:site/alert-history',
    {
      schema: {
        tags: ['alerts'],
        summary: 'Which dangers alerts told of in the last twelve hours, by rule and point, without holes',
        params: z.strictObject({ site: idParameter }),
        response: {
          200: z.strictObject({
            from: instantSchema,
            to: instantSchema,
            histories: z.array(
              z.strictObject({
                rule: z.string(),
                point: z.string(),
                bands: z.array(
                  z.strictObject({
                    from: instantSchema,
                    to: instantSchema,
                    phenomenon: z.string().nullable(),
                    severity: z
                      .enum(SEVERITIES)
                      .nullable()
                      .describe('null: no alert was live, which is not that all was well'),
                  }),
                ),
              }),
            ),
          }),
          ...problems(400, 404),
        },
      },
    },
    async ({ params }) => {
      const id = params.site
      if (!registry.sites.has(id)) throw new Problem(404, `There is no site ${id}; /v1/sites lists them.`)
      const end = clock.now()
      const start = end - SPAN_MS
      const events = [
        ...records.eventsOfAlertsLiveAt(start),
        ...records.sealedAlertEvents({ from: start, to: end }),
      ]
        .map(({ event }) => event)
        .filter(({ alert }) => alert.site === id)
      const byTrack = Map.groupBy(events, ({ alert }) => `${alert.rule} ${alert.point}`)
      return {
        from: instant(start),
        to: instant(end),
        histories: [...byTrack.values()].map(track => {
          const { rule, point } = track[0]!.alert
          const bands = bandsOf(track, { start, end }).map(band => ({
            ...{ from: instant(band.start), to: instant(band.end) },
            ...{ phenomenon: band.danger?.phenomenon ?? null, severity: band.danger?.severity ?? null },
          }))
          return { rule, point, bands }
        }),
      }
    },
  )
}
