import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { sendNotModified, tagsOf } from './send-file.ts'

/** For the description of a route that may answer so. */
export const unchanged = z.null().describe('It is as the client has it')

/** Caches may answer meanwhile: a withdrawal is not to be waited for. */
export const CACHE = 'public, max-age=60'

/** A small document with its hash as ETag. */
export interface Answer {
  body: Buffer
  tag: string
}

export function tagged(document: string | Buffer): Answer {
  const body = typeof document === 'string' ? Buffer.from(document) : document
  return { body, tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` }
}

/** A small document, or 304 to who has it. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  document: string | Answer,
  cache = CACHE,
): FastifyReply {
  const { body, tag } = typeof document === 'string' ? tagged(document) : document
  reply.header('ETag', tag).header('Cache-Control', cache)
  if (tagsOf(request.headers['if-none-match'] ?? '').includes(tag)) return sendNotModified(request, reply)
  return reply.type(type).send(body)
}
