import { request as requestHttp } from 'node:http'
import { type RequestOptions, request as requestHttps } from 'node:https'

interface Limits {
  /** ms */
  timeout: number
  signal: AbortSignal
}

/** Some receivers refuse a request that does not say who asks. */
const SAID = { accept: '*/*', 'user-agent': 'affluent' }

/**
 * Sends one HTTP request and returns how it was answered. Arrived is what was answered with 2xx within the time; a redirect is a refusal.
 * @throws Error with the reason, in which neither the URL nor a header appears: they may hold secrets
 */
export async function request(
  url: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
  limits: Limits,
): Promise<string> {
  const status = await statusOf(url, { method, headers: { ...SAID, ...headers } }, body, limits)
  const answer = `answered with status ${status}`
  if (status < 200 || status > 299) throw new Error(answer)
  return answer
}

/**
 * Sends one HTTP request and returns the status of the answer, whatever it is. A connection is kept open for the next
 * request unless the options say otherwise; one that the other side has closed meanwhile is replaced at once.
 * @throws Error with the reason, in which neither the URL nor a header appears
 */
export async function statusOf(
  url: string,
  options: RequestOptions,
  body: string | Uint8Array | undefined,
  { timeout, signal }: Limits,
): Promise<number> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  try {
    for (;;) {
      const status = await attempt(url, { ...options, signal: limit }, body)
      if (status !== 'stale') return status
    }
  } catch (error) {
    throw new Error(limit.aborted ? 'no answer in time' : reasonOf(error as NodeJS.ErrnoException))
  }
}

/** `stale`: the connection was an open one that ended before anything was answered. */
function attempt(
  url: string,
  options: RequestOptions,
  body: string | Uint8Array | undefined,
): Promise<number | 'stale'> {
  const ended = Promise.withResolvers<number | 'stale'>()
  const start = url.startsWith('https:') ? requestHttps : requestHttp
  const asked = start(url, options)
  asked.on('response', response => {
    ended.resolve(response.statusCode!)
    // What is cut off while nobody reads it has been answered all the same.
    response.on('error', () => {}).resume()
  })
  asked.on('error', (error: NodeJS.ErrnoException) => {
    if (asked.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) ended.resolve('stale')
    else ended.reject(error)
  })
  asked.end(body)
  return ended.promise
}

/** The code of what went wrong with a request: its words may hold the address. */
function reasonOf({ code, name }: NodeJS.ErrnoException): string {
  return code ?? name
}
