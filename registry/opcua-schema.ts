import { z } from 'zod'

/** What the registry says of OPC-UA servers. */

/** The last two are broken by today's measure: for servers that know nothing better. */
export const OPCUA_POLICIES = [
  'None',
  'Basic256Sha256',
  'Aes128_Sha256_RsaOaep',
  'Aes256_Sha256_RsaPss',
  'Basic256',
  'Basic128Rsa15',
] as const

/** A node of an OPC-UA server; `{site}` and `{device}` stand for the ids, so that device files can be shared. */
export const opcuaSourceSchema = z.strictObject({
  node: z.string().regex(/^(?:ns=\d+;)?[isgb]=.+$/, 'write a node id like ns=1;s=Name'),
})

const loginSchema = z.union(
  [
    z.strictObject({
      username: z.string().min(1),
      password: z.string().min(1).describe('A variable of the environment, never the password itself.'),
    }),
    z.strictObject({
      certificate: z.string().min(1).describe('PEM file of the certificate of a user.'),
      key: z.string().min(1).describe('PEM file of its key.'),
    }),
  ],
  'give username and password, or certificate and key',
)

export const opcuaConnectionFields = {
  url: z.string().regex(/^opc\.tcp:\/\/[^/@\s]+:\d+/, 'write opc.tcp://host:port'),
  securityMode: z.enum(['None', 'Sign', 'SignAndEncrypt']).default('SignAndEncrypt'),
  securityPolicy: z.enum(OPCUA_POLICIES).default('Basic256Sha256'),
  login: loginSchema.describe('Who reads; without it, nobody by name (anonymous).').optional(),
}
