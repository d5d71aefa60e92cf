import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FileMemory } from './file-memory.ts'
import type { FoundFile } from './publication.ts'

/** A file that can be sent in more than one encoding; the first that the client takes is. */
export interface Encoded extends FoundFile {
  encoding?: string
}

/** First and last byte, both inclusive. */
interface ByteRange {
  first: number
  last: number
}

/**
 * Sends a file that never changes under its tag: whole, in one range, or not at all to who has it (RFC 9110).
 * @param encoded the file as it is first, then what it may be sent as instead
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  encoded: readonly [FoundFile, ...Encoded[]],
  memory: FileMemory,
): Promise<FastifyReply> {
  const [whole] = encoded
  const chosen: Encoded = chooseEncoding(encoded, request.headers['accept-encoding'])
  const tag = `"${chosen.file.sha256.slice(0, 32)}"`
  const modified = new Date(Math.floor(Date.parse(whole.publishedAt) / 1000) * 1000)
  reply.header('ETag', tag).header('Last-Modified', modified.toUTCString()).header('Accept-Ranges', 'bytes')
  if (encoded.length > 1) reply.header('Vary', 'Accept-Encoding')
  if (hasIt(request, tag, modified)) return reply.code(304).send()

  reply
    .type(whole.file.mediaType)
    .header('Content-Disposition', `attachment; filename="${whole.file.name}"`)
    .header('Repr-Digest', `sha-256=:${Buffer.from(chosen.file.sha256, 'hex').toString('base64')}:`)
  if (chosen.encoding) reply.header('Content-Encoding', chosen.encoding)
  const { bytes } = chosen.file
  const range = rangeOf(request, tag, modified, bytes)
  if (range === 'unsatisfiable')
    return reply.code(416).header('Content-Range', `bytes */${bytes}`).removeHeader('Content-Encoding').send()
  const { first, last } = range ?? { first: 0, last: bytes - 1 }
  if (range) reply.code(206).header('Content-Range', `bytes ${first}-${last}/${bytes}`)
  reply.header('Content-Length', last - first + 1)
  if (request.method === 'HEAD') return reply.send(null)
  const content = await memory.read(chosen)
  return reply.send(content?.subarray(first, last + 1) ?? Readable.from(read(chosen.parts, { first, last })))
}

/** In the order of preference of the client's weights, then of what is smaller. */
function chooseEncoding(encoded: readonly [FoundFile, ...Encoded[]], accept: string | undefined): Encoded {
  const [whole, ...others] = encoded
  const takes = new Set(
    (accept ?? '')
      .split(',')
      .map(part =>
        part
          .trim()
          .toLowerCase()
          .split(/\s*;\s*/),
      )
      .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
      .map(([name]) => name),
  )
  const taken = others.filter(({ encoding }) => takes.has(encoding))
  return taken.sort((a, b) => a.file.bytes - b.file.bytes)[0] ?? whole
}

function hasIt({ headers }: FastifyRequest, tag: string, modified: Date): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) return known === '*' || tagsOf(known).includes(tag)
  const since = headers['if-modified-since']
  return since !== undefined && modified.getTime() <= Date.parse(since)
}

/** The tags of an If-None-Match; a cache may have made weak ones of them. */
export function tagsOf(list: string): string[] {
  return list.split(',').map(each => each.trim().replace(/^W\//, ''))
}

/** Several ranges at once are answered with the whole, as RFC 9110 allows. */
function rangeOf(
  { headers }: FastifyRequest,
  tag: string,
  modified: Date,
  bytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '')
  if (!found || (found[1] === '' && found[2] === '')) return undefined
  const condition = headers['if-range'] as string | undefined
  if (condition !== undefined && condition !== tag && Date.parse(condition) !== modified.getTime())
    return undefined
  const [, from, to] = found as unknown as [string, string, string]
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from)
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)
  if (first >= bytes || (from === '' && Number(to) === 0)) return 'unsatisfiable'
  return first <= last ? { first, last } : undefined
}

const CHUNK = 256 * 1024

async function* read(parts: FoundFile['parts'], { first, last }: ByteRange): AsyncGenerator<Buffer> {
  let before = 0
  for (const { path, bytes } of parts) {
    const start = Math.max(0, first - before)
    const end = Math.min(bytes - 1, last - before)
    if (start <= end) yield* createReadStream(path, { start, end, highWaterMark: CHUNK })
    before += bytes
  }
}
