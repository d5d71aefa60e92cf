import { z } from 'zod'
import { countHoles } from '../../bus/ranges.ts'
import { type Interval, periodStart, periodsBetween } from '../../model/calendar.ts'
import type { Clock } from '../../model/clock.ts'
import { STREAMS } from '../../model/delivery.ts'
import { type LedgerEntry, noCounts, type Outcome } from '../../model/ledger.ts'
import type { Registry } from '../../registry/registry.ts'
import type { ReadingStore } from '../../store/readings.ts'
import { instant, instantSchema, localTime, localTimeSchema, span, timeParameter } from '../fields.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'

export interface CompletenessRoutes {
  registry: Registry
  readings: ReadingStore
  clock: Clock
}

const STEPS = ['hour', 'day'] as const
const count = z.int().min(0)
const periodSchema = z.strictObject({
  start: localTimeSchema,
  end: localTimeSchema,
  received: count.describe('Readings that are stored'),
  late: count.describe('Of these, the ones that came more than an hour after their source time'),
  quarantined: count.describe(
    'Readings that are set aside, with a reason; received once a replay has stored them',
  ),
  dropped: z
    .strictObject({ 'outbox-full': count, corrupt: count })
    .describe('Readings that the sender announced as lost, by reason'),
})

const deletedSchema = z.strictObject({
  point: z.string(),
  before: instantSchema.describe('All of them lie before this source time'),
  count,
  at: instantSchema.describe('When the last of them were deleted'),
})

/** What became of the readings of every sender, by hour (UTC) or civil day of their source time. */
export function addCompletenessRoutes(
  server: Server,
  { registry, readings, clock }: CompletenessRoutes,
): void {
  const { timeZone } = registry.territory

  server.get(
    '/v1/completeness',
    {
      schema: {
        tags: ['gateways'],
        summary: 'What became of the readings of each sender: received, late, set aside, lost, missing',
        querystring: z.strictObject({
          by: z.enum(STEPS),
          sender: z.string().min(1).optional().describe('A gateway, or `import/<hash>`'),
          from: timeParameter.optional(),
          to: timeParameter.optional(),
        }),
        response: {
          200: z.strictObject({
            by: z.enum(STEPS),
            from: instantSchema,
            to: instantSchema,
            streams: z.array(
              z.strictObject({
                sender: z.string(),
                stream: z.enum(STREAMS),
                missing: count.describe(
                  'Numbers that later ones have overtaken, of all time: not come so far',
                ),
                periods: z.array(periodSchema),
              }),
            ),
            deleted: z
              .array(deletedSchema)
              .describe(
                'Of points whose readings were received, counted above, and deleted since by retention',
              ),
          }),
          ...problems(400),
        },
      },
    },
    async ({ query: { by, sender, ...asked } }) => {
      const { from, to, periods } = wholePeriods(by, span(asked, by, clock.now(), timeZone), timeZone)
      const [entries, positions, deletions = []] = await Promise.all([
        readings.ledger(from, to, sender),
        readings.positions(),
        readings.deleted?.(),
      ])
      const deleted = deletions.filter(
        ({ point }) => sender === undefined || registry.points.get(point)?.gateway === sender,
      )
      const ofSender = positions.filter(position => sender === undefined || position.sender === sender)
      const streams = [...Map.groupBy([...ofSender, ...entries], streamKey).values()].map(members => {
        const { sender, stream } = members[0]!
        const missing = members.reduce((sum, member) => sum + ('run' in member ? countHoles(member) : 0), 0)
        const own = members.filter(member => 'hour' in member)
        return { sender, stream, missing, periods: summarize(own, periods) }
      })
      return {
        by,
        from: instant(from),
        to: instant(to),
        streams: streams
          .toSorted((a, b) => (streamKey(a) < streamKey(b) ? -1 : 1))
          .map(({ periods, ...stream }) => ({
            ...stream,
            periods: periods.map(({ start, end, ...counts }) => ({
              start: localTime(start, timeZone),
              end: localTime(end, timeZone),
              ...counts,
            })),
          })),
        deleted: deleted
          .toSorted((a, b) => (a.point < b.point ? -1 : 1))
          .map(({ point, before, count, at }) => ({
            point,
            before: instant(before),
            count,
            at: instant(at),
          })),
      }
    },
  )
}

function streamKey({ sender, stream }: Pick<LedgerEntry, 'sender' | 'stream'>): string {
  return `${sender} ${stream}`
}

/** The periods that overlap a span: the ledger's hours are those of UTC, days are the territory's. */
function wholePeriods(by: (typeof STEPS)[number], asked: { from: number; to: number }, timeZone: string) {
  const zone = by === 'hour' ? 'UTC' : timeZone
  const periods = periodsBetween(by, periodStart(by, asked.from, zone), asked.to, zone)
  return { from: periods[0]!.start, to: periods.at(-1)!.end, periods }
}

/** The periods of which something is known; an hour belongs to the period that it begins in. */
export function summarize(entries: readonly LedgerEntry[], periods: readonly Interval[]) {
  const found: (Interval & { counts: Record<Outcome, number> })[] = []
  let next = 0
  for (const { hour, outcome, count } of entries.toSorted((a, b) => a.hour - b.hour)) {
    while (periods[next]!.end <= hour) next++
    const period = periods[next]!
    if (found.at(-1)?.start !== period.start) found.push({ ...period, counts: noCounts() })
    found.at(-1)!.counts[outcome] += count
  }
  return found.map(({ start, end, counts: { prompt, late, quarantined, released, ...dropped } }) => {
    return {
      start,
      end,
      received: prompt + late + released,
      late,
      quarantined: quarantined - released,
      dropped,
    }
  })
}
