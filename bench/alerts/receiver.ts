import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { changeKey } from './traffic.ts'

export interface Receiver {
  url: string
  /**
   * Resolves, when everything has been told that was to be, with the time that each was heard first
   * (`performance.now()`), and forgets it.
   * @throws Error when something is missing at the deadline
   */
  untilHeard(changes: Iterable<string>): Promise<Map<string, number>>
  close(): void
}

/** What both sides post, among other things. */
interface Told {
  event: string
  alert: { point: string }
}

const POLL_MS = 20
const DEADLINE_MS = 120_000

/** The HTTP server that alerts are posted to. */
export async function startReceiver(): Promise<Receiver> {
  let heard = new Map<string, number>()
  const server = createServer((request, response) => {
    const at = performance.now()
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      response.writeHead(204).end()
      const { event, alert }: Told = JSON.parse(Buffer.concat(parts).toString())
      const key = changeKey(event, alert.point)
      if (!heard.has(key)) heard.set(key, at)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    async untilHeard(changes) {
      const expected = [...changes]
      const deadline = performance.now() + DEADLINE_MS
      for (;;) {
        const missing = expected.filter(key => !heard.has(key))
        if (missing.length === 0) break
        if (performance.now() > deadline)
          throw new Error(`${missing.length} of ${expected.length} changes were not told: ${missing[0]}, …`)
        await pause(POLL_MS)
      }
      const found = heard
      heard = new Map()
      return found
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
