import { z } from 'zod'

/** How a connection over TLS is made; the same for the hub's broker, foreign ones and HTTP servers. */
export const tlsSchema = z.strictObject({
  ca: z.string().min(1).describe('PEM file of the authority, where the system does not know it.').optional(),
  certificate: z.string().min(1).describe('PEM file of our own certificate.').optional(),
  key: z.string().min(1).describe('PEM file of its key.').optional(),
  serverName: z
    .string()
    .min(1)
    .describe('The name in its certificate, where that is not its address.')
    .optional(),
})

type Tls = z.output<typeof tlsSchema>

/** What does not go together in it, given the address that it is for. */
export function* misfitsOfTls(
  tls: Tls,
  urls: readonly string[],
  scheme: 'mqtts' | 'https' = 'mqtts',
): Iterable<string> {
  if (!urls.every(url => url.startsWith(`${scheme}:`))) yield `goes with ${scheme}:// only`
  if ((tls.certificate === undefined) !== (tls.key === undefined))
    yield 'a certificate needs its key, and a key its certificate'
}
