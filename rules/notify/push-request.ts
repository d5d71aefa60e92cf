import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isPublicAddress, misfitOfEndpoint } from '../../model/push-subscription.ts'
import { statusOf } from './request.ts'

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
  const lookUp = onOwnMachine ? (lookup as LookupFunction) : lookupPublic
  const options = { method: 'POST', headers, agent: false, lookup: lookUp }
  return statusOf(endpoint, options, body, { timeout, signal })
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
