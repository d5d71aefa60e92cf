import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readWeighted } from '../weighted.ts'
import type { FileMemory } from './file-memory.ts'
import type { FoundFile } from './publication.ts'

/** An encoding of a file, with the headers of every answer that tells of it. */
interface Form extends FoundFile {
  encoding: string | undefined
  tag: string
  /** Of each answer, and of a 304 all of them. */
  headers: Record<string, string>
  /** Of those that are not a 304, besides. */
  described: Record<string, string>
}

/** A file that never changes, in each encoding that it can be sent in. */
export interface SendableFile {
  whole: Form
  /** The smallest first. */
  encoded: readonly Form[]
  /** To the second, as HTTP has it. */
  modified: Date
}

/** First and last byte, both inclusive. */
interface ByteRange {
  first: number
  last: number
}

/**
 * Works out once what each answer says.
 * @param encoded what it may be sent as instead
 */
export function prepareFile(
  whole: FoundFile,
  encoded: readonly (FoundFile & { encoding: string })[],
): SendableFile {
  const modified = new Date(Math.floor(Date.parse(whole.publishedAt) / 1000) * 1000)
  const formOf = (found: FoundFile, encoding?: string): Form => {
    const { sha256 } = found.file
    const tag = `"${sha256.slice(0, 32)}"`
    const headers = { ETag: tag, 'Last-Modified': modified.toUTCString(), 'Accept-Ranges': 'bytes' }
    const described = {
      'Content-Type': whole.file.mediaType,
      'Content-Disposition': `attachment; filename="${whole.file.name}"`,
      'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
      ...(encoding !== undefined && { 'Content-Encoding': encoding }),
    }
    return {
      ...{ ...found, encoding, tag, described },
      headers: encoded.length > 0 ? { ...headers, Vary: 'Accept-Encoding' } : headers,
    }
  }
  return {
    whole: formOf(whole),
    encoded: encoded
      .map(({ encoding, ...found }) => formOf(found, encoding))
      .sort((a, b) => a.file.bytes - b.file.bytes),
    modified,
  }
}

/** Sends a file under its tag: whole, in one range, or not at all to who has it (RFC 9110). */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  sendable: SendableFile,
  memory: FileMemory,
): Promise<FastifyReply> {
  const { modified } = sendable
  const form = chooseForm(sendable, request.headers['accept-encoding'])
  const { tag, file, parts } = form
  reply.headers(form.headers)
  if (hasIt(request, tag, modified)) return sendNotModified(request, reply)

  reply.headers(form.described)
  const { bytes } = file
  const range = rangeOf(request, tag, modified, bytes)
  if (range === 'unsatisfiable')
    return reply.code(416).header('Content-Range', `bytes */${bytes}`).removeHeader('Content-Encoding').send()
  const { first, last } = range ?? { first: 0, last: bytes - 1 }
  if (range) reply.code(206).header('Content-Range', `bytes ${first}-${last}/${bytes}`)
  reply.header('Content-Length', last - first + 1)
  // Of nothing the length would be told, not that of the file.
  if (request.method === 'HEAD') return reply.send(Readable.from([]))
  const content = await memory.read(form)
  return reply.send(content?.subarray(first, last + 1) ?? Readable.from(read(parts, { first, last })))
}

/** Answers 304, to a HEAD too without a length: that of nothing would be told, not that of the document. */
export function sendNotModified({ method }: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(304).send(method === 'HEAD' ? Readable.from([]) : null)
}

/** What the client takes that is smallest. */
function chooseForm({ whole, encoded }: SendableFile, accept: string | undefined): Form {
  if (accept === undefined) return whole
  const takes = new Set(
    readWeighted(accept)
      .filter(({ weight }) => weight > 0)
      .map(({ name }) => name),
  )
  return encoded.find(({ encoding }) => encoding !== undefined && takes.has(encoding)) ?? whole
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
