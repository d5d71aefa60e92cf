import type { OpcuaConnection } from '../../../registry/schema.ts'
import type { Endpoint } from './server.ts'

export type SecurityPolicy = OpcuaConnection['securityPolicy']
type Security = Pick<OpcuaConnection, 'securityMode' | 'securityPolicy'>

/** Without security where the server offers that, since it is only looked at; else the strongest that both know. */
const PREFERRED: readonly SecurityPolicy[] = [
  'None',
  'Aes256_Sha256_RsaPss',
  'Aes128_Sha256_RsaOaep',
  'Basic256Sha256',
]
const MODES = ['SignAndEncrypt', 'Sign', 'None'] as const

/**
 * By which of its endpoints a server is looked at.
 * @throws Error that lists what it offers, when it does not offer what is wanted or anything that is known here.
 */
export function chooseSecurity(endpoints: readonly Endpoint[], wanted?: SecurityPolicy): Security {
  for (const securityPolicy of wanted ? [wanted] : PREFERRED) {
    const modes = endpoints.filter(endpoint => endpoint.securityPolicy === securityPolicy)
    const securityMode = MODES.find(mode => modes.some(endpoint => endpoint.securityMode === mode))
    if (securityMode) return { securityMode, securityPolicy }
  }
  const offered = [...new Set(endpoints.map(({ securityPolicy }) => securityPolicy))].join(', ')
  throw new Error(`the server offers ${offered || 'no endpoint'}, not ${wanted ?? PREFERRED.join(' or ')}`)
}
