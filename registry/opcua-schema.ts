import { z } from 'zod'
import { duration } from './duration.ts'
import { statesSchema } from './states-schema.ts'

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

const DEADBAND = 'write a number in the raw unit of the node, or a share of its range like 2%'

/** A node of an OPC-UA server; `{site}` and `{device}` stand for the ids, so that device files can be shared. */
export const opcuaSourceSchema = z.strictObject({
  node: z.string().regex(/^(?:ns=\d+;)?[isgb]=.+$/, 'write a node id like ns=1;s=Name'),
  element: z.int().min(0).describe('Which element of an array it is, counted from 0.').optional(),
  states: statesSchema.optional(),
  scale: z.number().describe('value = raw × scale + offset').default(1),
  offset: z.number().describe('value = raw × scale + offset').default(0),
  sampling: duration.describe("How often the server looks at it. Default: the point's interval.").optional(),
  queue: z
    .int()
    .min(1)
    .max(10_000)
    .describe('How many changes the server keeps while nobody takes them. Default: those of ten minutes.')
    .optional(),
  deadband: z
    .union([z.number().positive(), z.string().regex(/^\d+(?:\.\d+)?%$/, DEADBAND)], DEADBAND)
    .describe('Changes smaller than this are not told; the value is still read at each interval.')
    .optional(),
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

export type OpcuaSource = z.output<typeof opcuaSourceSchema>
