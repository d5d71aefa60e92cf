import { z } from 'zod'
import { SEVERITIES } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { OUTCOMES, type StreamTotal } from '../../model/ledger.ts'
import type { LiveRegistry } from '../../registry/live.ts'
import type { Quarantine } from '../../store/quarantine.ts'
import type { RecordStore } from '../../store/records.ts'
import type { Feed } from '../live/feed.ts'
import type { Server } from '../server.ts'
import { EXPOSITION_TYPE, type Metric, single, writeExposition } from './exposition.ts'
import { type LoopDelay, watchLoopDelay } from './loop-delay.ts'
import { type NotificationStats, notificationMetrics } from './notifications.ts'
import { quarantineMetrics } from './quarantine.ts'
import { senderMetrics } from './senders.ts'

/** Counters of ingest since its start, by name, and of each stream; and what waits for the store, bytes. */
export interface IngestStats {
  stats(): Readonly<Record<string, number>>
  waitingBytes(): number
  refusedPoints: number
  streams(): readonly StreamTotal[]
}

export interface MetricRoutes {
  registryFiles: Pick<LiveRegistry, 'state'>
  feed: Feed
  records: RecordStore
  quarantine: Quarantine
  /** Only where ingest runs in this process. */
  ingest: IngestStats | undefined
  liveClients: () => number
  /** Only where the public may listen over MQTT. */
  publicClients: (() => number) | undefined
  /** Undefined until people are told of alerts. */
  notifications: () => NotificationStats | undefined
  clock: Pick<Clock, 'now'>
  version: string
}

/** Numbers for Prometheus. Counts requests, so it comes before the routes that it counts. */
export function addMetricRoutes(server: Server, parts: MetricRoutes): { close(): void } {
  const loopDelay = watchLoopDelay()
  const requests = countRequests(server)

  server.get(
    '/metrics',
    {
      schema: {
        tags: ['health'],
        summary: 'Metrics for Prometheus',
        response: { 200: { content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_, reply) =>
      reply
        .type(EXPOSITION_TYPE)
        .header('Cache-Control', 'no-store')
        .send(
          writeExposition([...processMetrics(parts.version, loopDelay), ...requests(), ...hubMetrics(parts)]),
        ),
  )
  return loopDelay
}

function processMetrics(version: string, loopDelay: LoopDelay): Metric[] {
  return [
    {
      name: 'affluent_build_info',
      help: 'The version that runs.',
      type: 'gauge',
      samples: [{ labels: { version, node: process.version }, value: 1 }],
    },
    {
      name: 'affluent_event_loop_delay_seconds',
      help: 'By how much the event loop was late, over the last minute.',
      type: 'summary',
      samples: [50, 90, 99].map(p => ({
        labels: { quantile: String(p / 100) },
        value: loopDelay.percentile(p),
      })),
    },
    single('gauge', 'process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    single('counter', 'process_cpu_seconds_total', 'CPU time.', cpuSeconds()),
  ]
}

function hubMetrics({
  registryFiles,
  notifications,
  clock,
  feed,
  records,
  quarantine,
  ingest,
  liveClients,
  publicClients,
}: MetricRoutes): Metric[] {
  const senders = [...feed.statuses.values()]
  const active = records.alerts({ state: 'active', limit: 10_000 })
  const ingestCounters = Object.entries(ingest?.stats() ?? {}).map(([name, value]) =>
    single('counter', `affluent_ingest_${snakeCase(name)}_total`, `Ingest: ${name}, since its start.`, value),
  )
  const streams = ingest?.streams() ?? []
  const waiting = ingest && [
    single(
      'gauge',
      'affluent_ingest_waiting_bytes',
      'Messages that wait or are under way to the store.',
      ingest.waitingBytes(),
    ),
    single(
      'gauge',
      'affluent_ingest_refused_points',
      'Points whose readings are set aside because their unit was changed.',
      ingest.refusedPoints,
    ),
  ]
  return [
    ...ingestCounters,
    ...(waiting ?? []),
    {
      name: 'affluent_readings_total',
      help: 'What became of the readings of a sender, since the start of ingest.',
      type: 'counter',
      samples: streams.flatMap(({ sender, stream, counts }) =>
        OUTCOMES.filter(outcome => outcome !== 'released').map(outcome => ({
          labels: { sender, stream, outcome },
          value: counts[outcome],
        })),
      ),
    },
    {
      name: 'affluent_readings_missing',
      help: 'Readings of a sender that later ones have overtaken and that have not come so far.',
      type: 'gauge',
      samples: streams.map(({ sender, stream, missing }) => ({ labels: { sender, stream }, value: missing })),
    },
    {
      name: 'affluent_sender_online',
      help: 'Whether a sender says that it is there.',
      type: 'gauge',
      samples: senders.map(({ sender, role, online }) => ({
        labels: { sender, role },
        value: Number(online),
      })),
    },
    ...senderMetrics(senders),
    ...quarantineMetrics(quarantine.totals()),
    ...notificationMetrics(notifications(), clock.now()),
    {
      name: 'affluent_alerts_active',
      help: 'Alerts that fire or are acknowledged.',
      type: 'gauge',
      samples: SEVERITIES.map(severity => ({
        labels: { severity },
        value: active.filter(alert => alert.severity === severity).length,
      })),
    },
    single(
      'gauge',
      'affluent_registry_refused',
      'Mistakes for which the changed files of the registry are not in force; 0 while there are none.',
      registryFiles.state.refused?.problems.length ?? 0,
    ),
    single('gauge', 'affluent_live_clients', 'Listeners to /v1/live.', liveClients()),
    ...(publicClients
      ? [single('gauge', 'affluent_public_clients', 'Listeners to /mqtt, the public.', publicClients())]
      : []),
  ]
}

/** Counts every answer by method, route (never the path, which is endless) and status. */
function countRequests(server: Server): () => Metric[] {
  const counts = new Map<string, { labels: Record<string, string>; count: number; seconds: number }>()
  server.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const route = request.routeOptions.url ?? 'none'
    const status = String(reply.statusCode)
    const entry = counts.getOrInsertComputed(`${method} ${route} ${status}`, () => ({
      ...{ labels: { method, route, status }, count: 0, seconds: 0 },
    }))
    entry.count += 1
    entry.seconds += reply.elapsedTime / 1000
    done()
  })
  return () => [
    {
      name: 'affluent_http_request_duration_seconds',
      help: 'Answers and the time that they took.',
      type: 'summary',
      samples: [...counts.values()].flatMap(({ labels, count, seconds }) => [
        { suffix: '_count', labels, value: count },
        { suffix: '_sum', labels, value: seconds },
      ]),
    },
  ]
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
