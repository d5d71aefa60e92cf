import type { FastifyRequest } from 'fastify'
import type { Server } from './server.ts'

/** Lets a scope take what HTML forms post. */
export function acceptForms(scope: Server): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )
}
