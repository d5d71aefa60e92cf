import type { Logger } from 'pino'
import type { Certificate } from 'pkijs'
import { pauseAfter } from '../../model/backoff.ts'
import { HOUR_MS, MINUTE_MS } from '../../model/time.ts'
import type { ProofLog } from './log.ts'
import { makeNonce, readStamp, stampRequest } from './stamp.ts'

export interface StamperOptions {
  proofLog: Pick<ProofLog, 'head' | 'stampOf' | 'addStamp'>
  /** Where the authority is asked. */
  url: string
  /** Who vouches for it; without them whoever answers is believed. */
  trusted: readonly Certificate[] | undefined
  log: Logger
  /** After the first failure, ms; doubled with each further one. */
  firstPauseMs?: number
}

export interface Stamper {
  /** Has the newest head stamped, where it is not. */
  wake(): void
  close(): Promise<void>
}

const TIMEOUT_MS = MINUTE_MS / 2
/** Those of authorities have a few thousand bytes. */
const MOST_BYTES = 256 * 1024

/** Has heads stamped by an authority (RFC 3161 over HTTP), beside everything else: what fails is tried again later. */
export function createStamper(options: StamperOptions): Stamper {
  const { proofLog, url, trusted, log, firstPauseMs = MINUTE_MS } = options
  const closing = new AbortController()
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined

  async function stamp(): Promise<void> {
    const head = proofLog.head()
    if (proofLog.stampOf(head)) return
    const nonce = makeNonce()
    const answer = await ask(stampRequest(head.text, nonce))
    const { time, authority } = await readStamp(answer, head.text, { nonce, ...(trusted && { trusted }) })
    proofLog.addStamp(head, answer)
    log.info({ size: head.size, time: new Date(time).toISOString(), authority }, 'a head was stamped')
  }

  async function ask(request: Buffer): Promise<Buffer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/timestamp-query', Accept: 'application/timestamp-reply' },
      body: new Uint8Array(request),
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    if (!response.ok) throw new Error(`the authority answers ${response.status}`)
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > MOST_BYTES) throw new Error(`the authority answers with more than ${MOST_BYTES} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  async function work(): Promise<void> {
    try {
      await stamp()
      failures = 0
    } catch (error) {
      if (closing.signal.aborted) return
      failures++
      log.warn(error, 'the head of the log could not be stamped; it is tried again')
      timer = setTimeout(wake, pauseAfter(failures, firstPauseMs, HOUR_MS))
    }
  }

  function wake(): void {
    if (closing.signal.aborted) return
    clearTimeout(timer)
    working = (working ?? Promise.resolve()).then(work)
  }

  return {
    wake,
    async close() {
      closing.abort()
      clearTimeout(timer)
      await working
    },
  }
}
