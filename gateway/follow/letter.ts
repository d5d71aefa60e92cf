import { type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { ID_PATTERN } from '../../model/point-id.ts'
import type { GatewayPart } from '../../registry/gateway-part.ts'
import { MODEL_PATTERN } from '../../registry/schema.ts'

/**
 * The registry of a gateway on its way from the hub. It is signed (Ed25519), since whoever reaches a broker can publish
 * there, and numbered, since an old one could be published again.
 */
export interface RegistryLetter {
  version: 1
  gateway: string
  /** Rises with each change. */
  number: number
  part: GatewayPart
}

const letterSchema = z.object({
  version: z.literal(1),
  gateway: z.string().regex(ID_PATTERN),
  number: z.int().positive(),
  part: z.object({
    territory: z.unknown(),
    sites: z.array(z.unknown()),
    gateways: z.tuple([z.unknown()]),
    // They become names of files.
    devices: z.record(z.string().regex(MODEL_PATTERN), z.unknown()),
    hash: z.string(),
  }),
}) satisfies z.ZodType<RegistryLetter>

const envelopeSchema = z.object({ letter: z.string(), signature: z.base64() })

/** So that a signature for something else is never one for a letter. */
const CONTEXT = 'affluent registry letter 1\n'

export function sealLetter(content: RegistryLetter, key: KeyObject): string {
  const letter = JSON.stringify(content)
  const signature = sign(null, Buffer.from(CONTEXT + letter), key).toString('base64')
  return JSON.stringify({ letter, signature })
}

/** @throws Error where it is none, or not from the owner of the key. */
export function openLetter(payload: Buffer, key: KeyObject): RegistryLetter {
  const { letter, signature } = envelopeSchema.parse(JSON.parse(payload.toString()))
  if (!verify(null, Buffer.from(CONTEXT + letter), key, Buffer.from(signature, 'base64')))
    throw new Error('its signature is not by the key of the hub')
  return letterSchema.parse(JSON.parse(letter))
}
