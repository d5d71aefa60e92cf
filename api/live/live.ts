import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import type { QualityCode } from '../../model/quality.ts'
import { isNewer, type ReadingColumns, readingAt, type Value } from '../../model/reading.ts'
import type { Registry } from '../../registry/registry.ts'
import { describeAlert } from '../alerts/alert.ts'
import { idParameter, instant } from '../fields.ts'
import { describeGateway } from '../gateways/gateway.ts'
import { problems } from '../problem.ts'
import type { Server } from '../server.ts'
import { siteOf } from '../sites/parameter.ts'
import type { Feed } from './feed.ts'

export interface LiveRoutes {
  registry: Registry
  feed: Feed
  clock: Clock
  heartbeatMs: number
}

/** Readings wait so long for others to share an event with. */
const GATHER_MS = 500
/** A client with so many bytes unread does not read: it is disconnected. */
const MOST_UNREAD = 1_000_000
/** After this a browser connects again, ms. */
const RETRY_MS = 3000

interface Client {
  site: string | undefined
  stream: Readable
}

interface LiveReading {
  point: string
  time: string
  value: Value
  quality: QualityCode
}

/** Server-sent events of what happens now. Returns what the metrics and the shutdown need. */
export function addLiveRoutes(server: Server, { registry, feed, clock, heartbeatMs }: LiveRoutes) {
  const clients = new Set<Client>()
  const newest = new Map<string, number>()
  const gathered = new Map<string, LiveReading>()

  const send = (client: Client, text: string) => {
    client.stream.push(text)
    if (client.stream.readableLength > MOST_UNREAD) client.stream.destroy()
  }
  /** To everyone who listens to the site, or to all sites. */
  const broadcast = (text: string, site: string) => {
    for (const client of clients) if (client.site === undefined || client.site === site) send(client, text)
  }
  const heartbeat = () => eventText('heartbeat', { time: instant(clock.now()) })

  /** Keeps the newest reading of each point; backlog and repeats are older than what was shown. */
  const gather = (columns: ReadingColumns) => {
    const now = clock.now()
    columns.points.forEach((point, index) => {
      const { time, value, quality } = readingAt(columns, index)
      if (!registry.points.has(point) || !isNewer(time, newest.get(point) ?? -Infinity, now)) return
      newest.set(point, time)
      gathered.set(point, { point, time: instant(time), value, quality })
    })
  }
  const flush = () => {
    if (gathered.size === 0) return
    const readings = [...gathered.values()]
    gathered.clear()
    const bySite = Map.groupBy(readings, reading => registry.points.get(reading.point)!.site)
    for (const [site, client] of [...clients].map(client => [client.site, client] as const)) {
      const wanted = site === undefined ? readings : bySite.get(site)
      if (wanted) send(client, eventText('readings', { readings: wanted }))
    }
  }

  feed.events.on('alert', event => {
    const { type, time, actor, alert } = event
    const data = { type, time: instant(time), actor, alert: describeAlert(alert, registry) }
    broadcast(eventText('alert', data), alert.site)
  })
  feed.events.on('status', status => {
    const gateway = registry.gateways.get(status.sender)
    if (!gateway) return
    const text = eventText('gateway', describeGateway(gateway, status, registry))
    for (const client of clients) if (client.site === undefined) send(client, text)
  })

  const flushing = setInterval(flush, GATHER_MS)
  const beating = setInterval(() => {
    for (const client of clients) send(client, heartbeat())
  }, heartbeatMs)

  const leave = (client: Client) => {
    clients.delete(client)
    if (clients.size === 0) feed.events.off('readings', gather)
  }

  server.get(
    '/v1/live',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['live'],
        summary: 'Readings, alerts and gateways as they come, as server-sent events',
        description: 'Events: heartbeat, readings, alert, gateway; see api/README.md for their data.',
        querystring: z.strictObject({ site: idParameter.optional() }),
        response: { 200: { content: { 'text/event-stream': { schema: z.any() } } }, ...problems(400) },
      },
    },
    async ({ query }, reply) => {
      if (query.site !== undefined) siteOf(registry, query.site)
      const client: Client = { site: query.site, stream: new Readable({ read() {} }) }
      if (clients.size === 0) feed.events.on('readings', gather)
      clients.add(client)
      client.stream.once('close', () => leave(client))
      send(client, `retry: ${RETRY_MS}\n\n${heartbeat()}`)
      return reply
        .type('text/event-stream')
        .header('Cache-Control', 'no-store')
        .header('X-Accel-Buffering', 'no')
        .header('Connection', 'close')
        .send(client.stream)
    },
  )

  return {
    /** How many are listening. */
    clients: () => clients.size,
    close: () => {
      clearInterval(flushing)
      clearInterval(beating)
      for (const client of clients) client.stream.push(null)
    },
  }
}

function eventText(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
