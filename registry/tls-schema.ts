import { z } from 'zod'

/** How a connection to a broker over mqtts:// is made; the same for the hub's own and for foreign ones. */
export const tlsSchema = z.strictObject({
  ca: z.string().min(1).describe('PEM file of the authority, where the system does not know it.').optional(),
  certificate: z.string().min(1).describe('PEM file of our own certificate.').optional(),
  key: z.string().min(1).describe('PEM file of its key.').optional(),
  serverName: z
    .string()
    .min(1)
    .describe('The name in the certificate of the broker, where that is not its address.')
    .optional(),
})

type Tls = z.output<typeof tlsSchema>

/** What does not go together in it, given the address that it is for. */
export function* misfitsOfTls(tls: Tls, urls: readonly string[]): Iterable<string> {
  if (!urls.every(url => url.startsWith('mqtts:'))) yield 'goes with mqtts:// only'
  if ((tls.certificate === undefined) !== (tls.key === undefined))
    yield 'a certificate needs its key, and a key its certificate'
}
