import { z } from 'zod'
import { type Address, addressOfUrl } from '../../../model/address.ts'
import { documentTimeZone, documentValueFields } from '../../../registry/document-schema.ts'
import type { Misfit, ResolveContext } from '../../../registry/driver-declaration.ts'
import { duration } from '../../../registry/duration.ts'
import { place } from '../../../registry/place.ts'
import type { HttpConnection } from '../../../registry/schema.ts'
import { misfitsOfTls, tlsSchema } from '../../../registry/tls-schema.ts'

/** What the registry says of devices that give JSON documents to whoever asks over HTTP. */

export { checkDocumentValue as checkSource } from '../../../registry/checks/document-value.ts'

const path = z.string().regex(/^[/?][^#\s]*$/, 'write a path like /stations/7.json, or a query like ?id=7')

export const connection = {
  url: z
    .string()
    .regex(
      /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/,
      'write http://host:port or https://host/path; username and password have keys of their own',
    ),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]+$/, 'a header is letters, digits and hyphens'), z.string())
    .describe('Sent with each request. A secret is a variable of the environment.')
    .default({}),
  username: z.string().min(1).describe('For basic authentication.').optional(),
  password: z
    .string()
    .min(1)
    .describe('A variable of the environment, never the password itself.')
    .optional(),
  tls: tlsSchema.optional(),
  timeout: duration.describe('For one document, from the question to its last byte.').default(10_000),
  maxPayload: z.int().min(1).describe('Longer documents are refused; bytes.').default(1_048_576),
  connections: z.int().min(1).max(16).describe('So many documents are asked for at a time.').default(2),
  conditional: z
    .boolean()
    .describe('Whether the server is asked for what is new only, where it gives ETag or Last-Modified.')
    .default(true),
  silence: z
    .int()
    .min(1)
    .describe('After so many intervals without anything new a point is bad:timeout.')
    .default(3),
}

export const device = {
  path: path
    .describe('Appended to the url: the document of its points. `{site}` and `{device}` stand for the ids.')
    .optional(),
  timeZone: documentTimeZone,
}

export const source = z.strictObject({
  path: path.describe("Appended to the url. Default: the device's.").optional(),
  ...documentValueFields,
})

type HttpSource = z.output<typeof source>
type HttpDevice = HttpConnection['devices'][number]

/** With the path of its document, and the time zone of times that have none. */
interface ResolvedSource {
  path: string
  timeZone: string
  http: HttpSource
}

export function resolve(http: HttpSource, device: HttpDevice, territory: ResolveContext): ResolvedSource {
  const { site, id, timeZone = territory.timeZone } = device
  return { path: place(http.path ?? device.path ?? '', site, id), timeZone, http }
}

export function* checkConnection({ url, tls, ...rest }: HttpConnection): Iterable<Misfit> {
  for (const message of tls ? misfitsOfTls(tls, [url], 'https') : []) yield { path: ['tls'], message }
  if ((rest.username === undefined) !== (rest.password === undefined))
    yield { path: [], message: 'a username needs its password, and a password its username' }
  const names = Object.keys(rest.headers).map(name => name.toLowerCase())
  for (const name of names.filter(name => OWN_HEADERS.has(name)))
    yield { path: ['headers'], message: `${name} is set by the gateway: leave it out` }
}

const OWN_HEADERS = new Set(['host', 'connection', 'if-none-match', 'if-modified-since', 'accept-encoding'])

/** Who asks by TLS expects a certificate, which no simulator has. */
export function addressOf({ url }: HttpConnection): Address | undefined {
  return url.startsWith('https:') ? undefined : addressOfUrl(url)
}
