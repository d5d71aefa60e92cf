import { z } from 'zod'
import { WrongParameter } from '../fields.ts'
import type { SetName } from './model.ts'
import { NESTED_OPTIONS, parseQuery, type Query, type QueryOptions, WrongOption } from './odata/query.ts'
import { QuerySyntaxError } from './odata/syntax-error.ts'
import { parseObservationId } from './streams.ts'

const option = (description: string) => z.string().describe(description).optional()

/** The options of addresses, as they are described. */
export const optionsSchema = z.looseObject({
  $filter: option('`result lt 0 and phenomenonTime ge 2026-11-01T00:00:00Z`'),
  $orderby: option('`phenomenonTime desc`'),
  $select: option('Names of properties and links with commas between'),
  $expand: option('Links to tell with what they lead to: `Datastreams($top=5;$expand=ObservedProperty)`'),
  $top: option('How many a page has: 100 by default, 1,000 at most'),
  $skip: option('How many are left out before'),
  $count: option('`true`: how many there are, too'),
  $resultFormat: option('`dataArray`, of Observations'),
  $skiptoken: option('Of `@iot.nextLink` of the page before'),
})

/** What an address of a kind takes. */
export type OptionName = keyof typeof optionsSchema.shape

export interface ReadOptions {
  query: Query
  /** Of the page before, the id of its last observation. */
  after: string | undefined
  isDataArray: boolean
  /** As they were given. */
  written: QueryOptions
}

/**
 * The options of a request.
 * @param taken those that the address takes
 * @throws WrongParameter 400, or 501 of what the standard has and is not answered here
 */
export function readOptions(
  given: Record<string, unknown>,
  set: SetName,
  taken: readonly OptionName[],
): ReadOptions {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw new WrongParameter(name, 'stands more than once')
    if (taken.includes(name as OptionName) && (name !== '$skiptoken' || set === 'Observations')) continue
    const isUnsupported = name.startsWith('$') && !Object.hasOwn(optionsSchema.shape, name)
    throw new WrongParameter(
      name,
      isUnsupported ? 'is not supported' : 'is not a parameter here',
      taken,
      isUnsupported ? 501 : 400,
    )
  }
  const { $skiptoken, $resultFormat, ...written } = given as Record<string, string>
  if ($skiptoken !== undefined && !parseObservationId($skiptoken))
    throw new WrongParameter('$skiptoken', 'leads nowhere: begin again without it')
  const options: QueryOptions = Object.fromEntries(
    NESTED_OPTIONS.flatMap(name => (written[name] === undefined ? [] : [[name, written[name]]])),
  )
  return {
    query: asParameter(() => parseQuery(options, set)),
    after: $skiptoken,
    isDataArray: readFormat($resultFormat, set, options),
    written: given as QueryOptions,
  }
}

function readFormat(format: string | undefined, set: SetName, options: QueryOptions): boolean {
  if (format === undefined) return false
  if (format !== 'dataArray' || set !== 'Observations')
    throw new WrongParameter('$resultFormat', 'is none of these; Observations have one', ['dataArray'])
  if (options.$expand !== undefined)
    throw new WrongParameter('$expand', 'has no place in a dataArray: leave out one of the two')
  return true
}

/** Names the option that is wrong. */
export function asParameter<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw wrongParameterOf(error)
  }
}

/** What cannot be read, or cannot be answered, as the parameter that it stands in. */
export function wrongParameterOf(error: unknown): unknown {
  if (!(error instanceof QuerySyntaxError)) return error
  const option = error instanceof WrongOption ? error.option : '$filter'
  return new WrongParameter(option, error.message, error.allowed, error.status)
}
