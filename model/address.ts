/** Where something listens or is reached; an IPv6 host stands without brackets. */
export interface Address {
  host: string
  port: number
}

/** `host:port` as URLs write it. */
export function formatAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * Reads `host`, `host:port` and `[IPv6]:port`.
 * @throws Error that says how an address is written.
 */
export function parseAddress(text: string, defaultPort: number): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = digits === undefined ? defaultPort : Number(digits)
  if (host === undefined || port > 65_535)
    throw new Error(`${text} is no address: write a host, or host:port such as 10.1.2.3:${defaultPort}`)
  return { host, port }
}

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 }

/** Where a URL leads. */
export function addressOfUrl(url: string): Address {
  const { protocol, hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORTS[protocol]) }
}

/** Whether only this machine reaches a host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

const LISTEN_ERRORS: Record<string, (part: string) => string> = {
  EADDRINUSE: part =>
    `is in use by another program: stop it, or choose another port with ${part}.port in hub.yaml or --${part}-port`,
  EACCES: part =>
    `may not be listened on by this user: choose a port above 1023 with ${part}.port in hub.yaml or --${part}-port`,
  EADDRNOTAVAIL: part => `is not an address of this machine: correct ${part}.host in hub.yaml`,
}

/** Says which address cannot be listened on, why, and which setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'

  /** @param part the settings' name for what was to listen */
  constructor(part: 'http' | 'mqtt', address: Address, cause: NodeJS.ErrnoException) {
    const reason = LISTEN_ERRORS[cause.code ?? '']?.(part) ?? `cannot be listened on: ${cause.message}`
    super(`${part.toUpperCase()}: ${formatAddress(address)} ${reason}`, { cause })
  }
}
