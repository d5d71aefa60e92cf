import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
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

const FILE = 'followers.json'
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
  /** Why a gateway that follows the hub of a key hears nothing from this one, and what to do. */
  problemOf(gateway: string, key: string): string | undefined
}

/** @throws Error naming the file in the data folder that cannot be read or written. */
export function openIssuer(data: string, now: () => number): Issuer {
  const file = join(data, FILE)
  const read = () => {
    const content = readJsonFile(file)
    return content === undefined ? undefined : fileSchema.parse(content)
  }
  const known = read() ?? { key: newKey(), gateways: {} }
  const key = privateKeyOf(known.key)
  const publicKey = publicKeyOf(key)

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
    publicKey,
    followers: () => Object.keys(known.gateways),
    numberOf,
    letterFor: (gateway, part) =>
      sealLetter({ version: 1, gateway, number: numberOf(gateway, part), part }, key),
    problemOf(gateway, followed) {
      if (followed === publicKey && gateway in known.gateways) return undefined
      // It may have been packed since the start.
      const now = read()
      const isSame = now && publicKeyOf(privateKeyOf(now.key)) === followed
      if (isSame && gateway in now.gateways) return undefined
      const what = !now ? 'is not there' : isSame ? `does not name ${gateway}` : 'has another key'
      return `it follows a hub whose ${FILE} is not in this data folder (the file ${what}): put it back from a backup and start the hub again, or pack ${gateway} once more with --follow`
    },
  }
}

function privateKeyOf(key: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' })
}

/** SPKI, DER, base64. */
function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}
