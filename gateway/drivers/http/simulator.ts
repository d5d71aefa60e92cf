import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { valueToRaw } from '../../../model/scale.ts'
import type { Point } from '../../../registry/registry.ts'
import type { HttpConnection } from '../../../registry/schema.ts'
import { refuseAtTimes } from '../../../simulators/refusing.ts'
import type { StartSimulator } from '../../../simulators/start-simulator.ts'

/** Gives the documents of the points, each with its values, and their times where the registry says where these are. */
export const startSimulator: StartSimulator<HttpConnection> = async options => {
  const { connection, at, points, signals, behaviour, isRefusing, clock, log } = options
  const { pathname: root } = new URL(connection.url)
  const documents = Map.groupBy(points, point => pathOf(point))
  const server = createServer((request, response) => {
    const path = request.url!.slice(root === '/' ? 0 : root.length)
    const own = documents.get(path) ?? documents.get(path === '/' ? '' : path)
    if (!own) return response.writeHead(404).end()
    const now = clock.now()
    let document: unknown = {}
    for (const point of own) {
      if (point.source.driver !== 'http') continue
      const { value, time, scale, offset } = point.source.http
      const told = Math.floor(now / point.interval) * point.interval
      const { there, aheadMs, status } = behaviour(point, told)
      if (status === 'BadNoCommunication') return response.writeHead(504).end()
      if (status === 'BadNodeIdUnknown') continue
      const shown = signals.get(point.id)!(there)
      document = put(document, value, typeof shown === 'number' ? valueToRaw(shown, scale, offset) : shown)
      if (time !== undefined) document = put(document, time, new Date(told + aheadMs).toISOString())
    }
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  })
  await listen(at.port)
  const { port } = server.address() as AddressInfo

  async function listen(port: number): Promise<void> {
    server.listen(port, at.host)
    await once(server, 'listening')
  }

  function stop(): Promise<void> {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    return closed
  }
  const endRefusing = refuseAtTimes(isRefusing, { stop, listen: () => listen(port) }, log)

  return {
    port,
    close() {
      endRefusing()
      return stop()
    },
  }
}

function pathOf({ source }: Point): string {
  return source.driver === 'http' ? source.path : ''
}

/** The document with a value where a JSON Pointer leads; objects are made on the way. */
function put(document: unknown, pointer: string, value: unknown): unknown {
  const [, ...keys] = pointer.split('/')
  if (keys.length === 0) return value
  const whole = isObject(document) ? document : {}
  let holder = whole
  for (const key of keys.slice(0, -1).map(unescaped)) {
    const next = isObject(holder[key]) ? holder[key] : {}
    holder[key] = next
    holder = next
  }
  holder[unescaped(keys.at(-1)!)] = value
  return whole
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
