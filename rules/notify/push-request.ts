import { lookup } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isPublicAddress, misfitOfEndpoint } from '../../model/push-subscription.ts'
import { reasonOf } from './request.ts'

interface Limits {
  /** ms */
  timeout: number
  signal: AbortSignal
  onOwnMachine: boolean
}

/**
 * Posts to an address that a browser has named, and returns the status of the answer; a redirect is not followed.
 * @throws Error with the reason, in which the address does not appear: whoever knows it may push, too
 */
export async function postToBrowser(
  endpoint: string,
  { headers, body }: { headers: Record<string, string | number>; body: Buffer },
  { timeout, signal, onOwnMachine }: Limits,
): Promise<number> {
  const misfit = misfitOfEndpoint(endpoint, onOwnMachine)
  if (misfit !== undefined) throw new Error(`the endpoint ${misfit}`)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  const request = endpoint.startsWith('https:') ? requestHttps : requestHttp
  const answer = Promise.withResolvers<number>()
  request(endpoint, {
    ...{ method: 'POST', headers, signal: limit, agent: false },
    lookup: onOwnMachine ? (lookup as LookupFunction) : lookupPublic,
  })
    .on('response', response => {
      response.resume()
      answer.resolve(response.statusCode!)
    })
    .on('error', error => answer.reject(new Error(limit.aborted ? 'no answer in time' : reasonOf(error))))
    .end(body)
  return answer.promise
}

/** Looked at when it is connected to: what a name led to before, it need not lead to now. */
export const lookupPublic: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '')
    if (!addresses.every(({ address }) => isPublicAddress(address)))
      return done(Object.assign(new Error('not public'), { code: 'ENOTPUBLIC' }), '')
    const [first] = addresses
    return options.all ? done(null, addresses) : done(null, first!.address, first!.family)
  })
}
