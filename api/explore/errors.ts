import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { QueryRefusedError } from '../../model/row-query.ts'
import { plainMessage } from '../plain-message.ts'
import { answerError } from '../problem.ts'
import { ClauseError } from './odsql/query.ts'

const TYPE = 'application/json; charset=utf-8'

const errorSchema = z
  .strictObject({ error_code: z.string(), message: z.string() })
  .meta({ id: 'ExploreError' })

/** An answer that is not a success, with the code that Opendatasoft has for it. */
export class ExploreError extends Error {
  override readonly name = 'ExploreError'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export function wrongParameter(name: string, detail: string): ExploreError {
  return new ExploreError(
    400,
    'InvalidRESTParameterError',
    `Invalid value for ${name} API parameter: ${detail}`,
  )
}

export function notFound(what: string, name: string): ExploreError {
  return new ExploreError(404, 'NotFoundResource', `The requested ${what} ${name} does not exist.`)
}

const answer = (description: string) => ({
  description,
  content: { 'application/json': { schema: errorSchema } },
})

/** The `response` entries of a route for what goes wrong. */
export const ERRORS = {
  400: answer('A parameter or a clause is wrong; the message says which and where'),
  404: answer('There is nothing of that name'),
  422: answer('It takes too long to work out'),
  431: {
    description: 'The address is longer than 16 KiB',
    content: { 'application/json': { schema: z.any() } },
  },
  503: answer('Too many queries wait'),
}

/** Turns what a route threw into an error as Opendatasoft has it. */
export function answerExploreError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const fail = (status: number, code: string, message: string) =>
    reply.code(status).type(TYPE).send({ error_code: code, message })
  if (error instanceof ExploreError) return fail(error.status, error.code, error.message)
  if (error instanceof ClauseError) return fail(400, error.code, error.message)
  if (error instanceof QueryRefusedError) {
    if (error.reason === 'costly')
      return fail(
        422,
        'QueryCostError',
        'This takes too long to work out: ask for less, or export all of it.',
      )
    reply.header('Retry-After', '2')
    return fail(503, 'QueryQueueError', 'Too many queries wait; try again.')
  }
  if (!hasZodFastifySchemaValidationErrors(error)) return answerError(error, request, reply)
  const schema = request.routeOptions.schema?.querystring
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const messages = error.validation.flatMap(({ instancePath, params, message }) => {
    const { keys } = params as { keys?: string[] }
    const name = instancePath.slice(1).replace(/\/.*/, '')
    if (!keys) return [wrongParameter(name, plainMessage(message ?? 'it is wrong')).message]
    return keys.map(
      key =>
        `Unknown API parameter: ${key}; there ${known.length === 0 ? 'are none' : `are ${known.join(', ')}`}`,
    )
  })
  return fail(400, 'InvalidRESTParameterError', messages.join('. '))
}
