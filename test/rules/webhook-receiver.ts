import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: { event: string; alert: { id: string }; [key: string]: unknown }
  status: number
}

/**
 * A real HTTP server that takes webhooks. Each request is answered with the next status of `answers`, with 204
 * when there is none left; `hang` never answers.
 */
export async function startReceiver() {
  const received: Received[] = []
  const answers: (number | 'hang')[] = []
  const open = new Set<ServerResponse>()
  let most = 0
  const server = createServer(async (request, response) => {
    open.add(response)
    most = Math.max(most, open.size)
    response.once('close', () => open.delete(response))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = answers.shift() ?? 204
    const status = answer === 'hang' ? 0 : answer
    const body = JSON.parse(Buffer.concat(chunks).toString())
    received.push({ path: request.url!, headers: request.headers, body, status })
    if (answer === 'hang') return
    if (status >= 300 && status < 400) response.setHeader('location', '/elsewhere')
    response.statusCode = status
    response.end('a body that nobody reads')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/s3cret`,
    received,
    answers,
    /** How many requests were open at one time at most. */
    get most() {
      return most
    },
    close() {
      server.closeAllConnections()
      return new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
}
