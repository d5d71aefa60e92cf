import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile, replaceJsonFile } from '../../bus/json-file.ts'
import type { GatewayPart } from '../../registry/gateway-part.ts'
import { sealLetter } from './letter.ts'

const fileSchema = z.object({
  /** PKCS #8, DER, base64. */
  key: z.base64(),
  gateways: z.record(z.string(), z.object({ hash: z.string(), number: z.int() })),
})

/** The owner's alone. */
const FILE_MODE = 0o600

/** Numbers and signs the registries of the gateways that follow this hub. */
export interface Issuer {
  /** SPKI, DER, base64. */
  publicKey: string
  /** The gateways that were packed to follow. */
  followers(): string[]
  /** The number of what a gateway is to run, from now on one of the followers: it rises whenever that has changed. */
  numberOf(gateway: string, part: GatewayPart): number
  letterFor(gateway: string, part: GatewayPart): string
}

/** @throws Error naming the file in the data folder that cannot be read or written. */
export function openIssuer(data: string, now: () => number): Issuer {
  const file = join(data, 'followers.json')
  const content = readJsonFile(file)
  const known = content === undefined ? { key: newKey(), gateways: {} } : fileSchema.parse(content)
  const key = createPrivateKey({ key: Buffer.from(known.key, 'base64'), format: 'der', type: 'pkcs8' })

  function numberOf(gateway: string, { hash }: GatewayPart): number {
    const last = known.gateways[gateway]
    if (last?.hash === hash) return last.number
    const number = Math.max(now(), (last?.number ?? 0) + 1)
    known.gateways[gateway] = { hash, number }
    mkdirSync(data, { recursive: true })
    replaceJsonFile(file, known, FILE_MODE)
    return number
  }

  return {
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64'),
    followers: () => Object.keys(known.gateways),
    numberOf,
    letterFor: (gateway, part) =>
      sealLetter({ version: 1, gateway, number: numberOf(gateway, part), part }, key),
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}
