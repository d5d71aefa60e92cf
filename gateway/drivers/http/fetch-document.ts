import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { readTls } from '../../../bus/tls.ts'
import { type Address, formatAddress } from '../../../model/address.ts'
import type { QualityCode } from '../../../model/quality.ts'
import type { HttpConnection } from '../../../registry/schema.ts'

/** A document that did not come: of what quality that makes its points, and why, in words that continue its address. */
export class DocumentFault extends Error {
  override readonly name = 'DocumentFault'
  readonly quality: QualityCode
  constructor(quality: QualityCode, reason: string) {
    super(reason)
    this.quality = quality
  }
}

export interface Fetcher {
  /**
   * The document at a path below the url: the one of before where the server says that it has not changed.
   * @throws DocumentFault
   */
  fetch(path: string): Promise<unknown>
  close(): void
}

type Asked = Pick<
  HttpConnection,
  | 'url'
  | 'headers'
  | 'username'
  | 'password'
  | 'tls'
  | 'timeout'
  | 'maxPayload'
  | 'conditional'
  | 'connections'
>

interface Kept {
  validators: Record<string, string>
  document: unknown
}

/**
 * Asks for documents over connections that are kept open; it only GETs, and follows nowhere else.
 * @throws Error that names the setting of a certificate that cannot be read.
 */
export function createFetcher(connection: Asked, address: Address | undefined): Fetcher {
  const { url, headers, username, password, tls, timeout, maxPayload, conditional, connections } = connection
  const base = address ? url.replace(/(?<=:\/\/)[^/]+/, formatAddress(address)) : url
  const isSecure = base.startsWith('https:')
  const pool = { keepAlive: true, maxSockets: connections }
  const agent = isSecure ? new HttpsAgent({ ...pool, ...readTls(tls) }) : new HttpAgent(pool)
  const authorization =
    username === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  /** What servers gave with validators, by path. */
  const kept = new Map<string, Kept>()

  return {
    async fetch(path) {
      const known = conditional ? kept.get(path) : undefined
      const signal = AbortSignal.timeout(timeout)
      const options = {
        agent,
        signal,
        headers: { accept: 'application/json', ...authorization, ...headers, ...known?.validators },
      }
      const answer = await ask(addressOf(base, path), options)
      if (answer.statusCode === 304 && known) {
        answer.resume()
        return known.document
      }
      refuseStatus(answer)
      const document = parse(await readBody(answer, signal))
      kept.delete(path)
      const validators = validatorsOf(answer)
      if (conditional && validators) kept.set(path, { validators, document })
      return document
    },
    close: () => agent.destroy(),
  }

  function ask(target: string, options: object): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = (isSecure ? requestHttps : requestHttp)(target, options, resolve)
      request.on('error', error => reject(faultOf(error, timeout)))
      request.end()
    })
  }

  async function readBody(answer: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
    const chunks: Buffer[] = []
    let length = 0
    try {
      for await (const chunk of answer) {
        length += chunk.length
        if (length > maxPayload)
          throw new DocumentFault('bad:undecodable', `is longer than ${maxPayload} bytes`)
        chunks.push(chunk)
      }
    } catch (error) {
      if (error instanceof DocumentFault) throw error
      // What was cut off by ourselves says nothing of time.
      throw faultOf(signal.aborted ? signal.reason : error, timeout)
    }
    return Buffer.concat(chunks)
  }
}

/** A path that begins with `?` is a query of the url itself. */
function addressOf(base: string, path: string): string {
  return path.startsWith('/') ? base.replace(/\/$/, '') + path : base + path
}

function refuseStatus(answer: IncomingMessage): void {
  const { statusCode = 0, headers, statusMessage } = answer
  if (statusCode === 200) return
  answer.resume()
  const said = `answers ${statusCode} ${statusMessage}`
  if (statusCode >= 300 && statusCode < 400 && headers.location)
    throw new DocumentFault(
      'bad:exception',
      `${said}, and refers to ${headers.location.replace(/[?#].*/s, '')}: give that address`,
    )
  if (statusCode === 401 || statusCode === 403)
    throw new DocumentFault('bad:exception', `${said}: check username, password and headers`)
  throw new DocumentFault('bad:exception', said)
}

function validatorsOf({ headers }: IncomingMessage): Record<string, string> | undefined {
  const { etag, 'last-modified': modified } = headers
  if (etag !== undefined) return { 'if-none-match': etag }
  return modified === undefined ? undefined : { 'if-modified-since': modified }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    throw new DocumentFault('bad:undecodable', 'is no JSON in UTF-8')
  }
}

function faultOf(error: Error & { code?: string }, timeout: number): DocumentFault {
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new DocumentFault('bad:timeout', `does not come within ${timeout} ms`)
  const isTls = /certificate|self-signed|altnames|TLS|SSL/i.test(`${error.code} ${error.message}`)
  const hint = isTls ? '; name the authority of its certificate in tls.ca' : ''
  return new DocumentFault('bad:disconnected', `cannot be asked for: ${error.message || error.code}${hint}`)
}
