import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  type ZodFastifySchemaValidationError,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { QueryRefusedError } from '../model/row-query.ts'
import { StoreUnavailableError } from '../store/readings.ts'
import { WrongParameter } from './fields.ts'
import { plainMessage } from './plain-message.ts'

/** RFC 9457. `errors` names each wrong parameter and what is allowed. */
const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(
        z.strictObject({
          in: z.enum(['query', 'path', 'body']),
          name: z.string(),
          detail: z.string(),
          fault: z.string().optional().describe('What is wrong, in one word that stays'),
          allowed: z.array(z.string()).optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' })

export type ProblemDocument = z.output<typeof problemSchema>
type ParameterError = NonNullable<ProblemDocument['errors']>[number]

const PROBLEM_TYPE = 'application/problem+json'

/** An answer that is not a success; `detail` is for the caller to read. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly headers: Record<string, string>
  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail)
    this.status = status
    this.headers = headers
  }
}

/** A field of a body that its schema could not refuse: 400. */
export class WrongField extends Error {
  override readonly name = 'WrongField'
  readonly field: string
  readonly fault: string
  constructor(field: string, fault: string, message: string) {
    super(message)
    this.field = field
    this.fault = fault
  }
}

const problemResponse = { content: { [PROBLEM_TYPE]: { schema: problemSchema } } }

/** The `response` entries of a route's schema for the problems that it may answer. */
export function problems<S extends number>(...statuses: S[]) {
  const entries = statuses.map(status => [status, { description: STATUS_CODES[status]!, ...problemResponse }])
  return Object.fromEntries(entries) as Record<S, typeof problemResponse & { description: string }>
}

export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  errors?: ParameterError[],
): FastifyReply {
  const problem: ProblemDocument = { type: 'about:blank', title: STATUS_CODES[status]!, status, detail }
  if (errors) problem.errors = errors
  return reply.code(status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem)
}

/** Turns whatever a route threw into a problem. What is our fault is logged, and shown without its insides. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Problem) {
    return sendProblem(reply.headers(error.headers), error.status, error.message)
  }
  if (error instanceof WrongParameter) {
    const wrong: ParameterError = { in: 'query', name: error.parameter, detail: error.message }
    if (error.allowed) wrong.allowed = [...error.allowed]
    return sendProblem(reply, error.status, `${wrong.name}: ${wrong.detail}`, [wrong])
  }
  if (error instanceof WrongField) {
    const wrong: ParameterError = {
      in: 'body',
      name: error.field,
      detail: error.message,
      fault: error.fault,
    }
    return sendProblem(reply, 400, `${wrong.name}: ${wrong.detail}`, [wrong])
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const place =
      error.validationContext === 'params' ? 'path' : error.validationContext === 'body' ? 'body' : 'query'
    const { body, querystring } = request.routeOptions.schema ?? {}
    const schema = place === 'body' ? body : querystring
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
    const errors = error.validation.flatMap(issue => parameterErrors(issue, place, known))
    return sendProblem(reply, 400, errors.map(({ name, detail }) => `${name}: ${detail}`).join('; '), errors)
  }
  if (error instanceof QueryRefusedError) return sendRefusal(reply, error)
  if (error instanceof StoreUnavailableError) {
    request.log.error({ err: error, route: request.routeOptions.url }, 'the store of readings is unavailable')
    return sendProblem(
      reply.header('Retry-After', '5'),
      503,
      'The store of readings does not answer; try again.',
    )
  }
  const status = error.statusCode ?? 500
  if (status < 500) return sendProblem(reply, status, error.message)
  request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed')
  return sendProblem(reply, 500, 'The server failed to answer; its log says why.')
}

function sendRefusal(reply: FastifyReply, { reason }: QueryRefusedError): FastifyReply {
  if (reason === 'costly')
    return sendProblem(reply, 422, 'This takes too long to work out: ask for less, or take the whole file.')
  return sendProblem(reply.header('Retry-After', '2'), 503, 'Too many queries wait; try again.')
}

function parameterErrors(
  issue: ZodFastifySchemaValidationError,
  place: ParameterError['in'],
  known: string[],
): ParameterError[] {
  const { keys, values } = issue.params as { keys?: string[]; values?: unknown[] }
  if (keys) {
    return keys.map(name => ({
      in: place,
      name,
      ...unknownKey(place, issue.instancePath.length > 1 ? [] : known),
    }))
  }
  const wrong: ParameterError = {
    in: place,
    name: issue.instancePath.slice(1) || place,
    detail: plainMessage(issue.message ?? 'is wrong'),
  }
  return [values ? { ...wrong, allowed: values.map(String) } : wrong]
}

/** What stands further inside a body, or in one of several kinds, has other names than are known here. */
function unknownKey(place: ParameterError['in'], known: string[]) {
  if (place === 'body') return { detail: 'is no field here', ...(known.length > 0 && { allowed: known }) }
  const detail = known.length > 0 ? 'is not a parameter here' : 'is not a parameter; none is taken here'
  return { detail, allowed: known }
}
