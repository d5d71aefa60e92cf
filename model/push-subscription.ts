import { createHash } from 'node:crypto'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { addressOfUrl, isLoopback } from './address.ts'

/** Where the push service of a browser takes what is for one phone (W3C Push API), and whose phone it is. */
export interface PushSubscription {
  /** See {@link subscriptionId}. */
  id: string
  person: string
  /** A URL that whoever knows it may push to. */
  endpoint: string
  /** The phone's public key, an uncompressed point of P-256 in base64url. */
  p256dh: string
  /** The secret that authenticates what is pushed, 16 bytes in base64url. */
  auth: string
  /** The public key of ours that it was made for: by another one it takes nothing. */
  vapidKey: string
  /** ms UTC */
  createdAt: number
}

/** SHA-256 of the endpoint in base64url: names it without giving it away. */
export function subscriptionId(endpoint: string): string {
  return createHash('sha256').update(endpoint).digest('base64url')
}

/** What no public server has: the special-purpose registries of IANA (RFC 6890 and its successors). */
const NOT_PUBLIC = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv4')
/** Teredo, documentation, 6to4: within the global range, but another address stands in them. */
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, 'ipv6')
const GLOBAL_IPV6 = new BlockList()
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6')

/** Whether an IP address is one of the public internet: nothing of this machine or of a network of our own. */
export function isPublicAddress(ip: string): boolean {
  if (isIPv4(ip)) return !NOT_PUBLIC.check(ip, 'ipv4')
  return GLOBAL_IPV6.check(ip, 'ipv6') && !NOT_PUBLIC.check(ip, 'ipv6')
}

/**
 * Why nothing is pushed to an endpoint that a browser has named, undefined where that may be: it must not make us
 * ask servers that only we can reach. Where a name leads is to be looked at when it is connected to.
 * @param onOwnMachine whether only this machine reaches the hub: then its own push service may be on it, too
 */
export function misfitOfEndpoint(endpoint: string, onOwnMachine: boolean): string | undefined {
  if (!URL.canParse(endpoint)) return 'is no URL'
  const { protocol, username, password } = new URL(endpoint)
  const { host } = addressOfUrl(endpoint)
  if (username || password) return 'holds a login'
  if (onOwnMachine && isLoopback(host)) return undefined
  if (protocol !== 'https:') return 'must be https://'
  if (isLoopback(host) || (isIP(host) && !isPublicAddress(host))) return 'is not of the public internet'
  return undefined
}
