import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { fingerprintOf } from './key.ts'

/** What a log says of itself at a moment. */
export interface Head {
  /** Names the log: its address without the scheme, such as `donnees.example/open-data/log`. */
  origin: string
  /** How many leaves it had. */
  size: number
  /** The root of the tree over them. */
  root: Buffer
  /** When it was signed, ms UTC. */
  time: number
}

/** A head with the text that was signed, so that nobody needs to write it anew to check it. */
export interface SignedHead extends Head {
  text: string
  /** Ed25519 (RFC 8032) over the UTF-8 bytes of the text, 64 bytes. */
  signature: Buffer
  /** The fingerprint of the key. */
  key: string
}

/**
 * The note text of a C2SP checkpoint, with one extension line: origin, size, root in base64 and time (RFC 3339, UTC,
 * milliseconds), each ended by a line feed. Exactly these bytes are signed.
 */
export function formatHead({ origin, size, root, time }: Head): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n${new Date(time).toISOString()}\n`
}

/** Undefined for what {@link formatHead} does not write. */
export function parseHead(text: string): Head | undefined {
  const [, origin, size, root, time] = HEAD.exec(text) ?? []
  if (origin === undefined) return undefined
  const head = {
    origin,
    size: Number(size),
    root: Buffer.from(root!, 'base64'),
    time: Date.parse(time!),
  }
  return Number.isSafeInteger(head.size) && Number.isFinite(head.time) && formatHead(head) === text
    ? head
    : undefined
}

const HEAD = /^([^\s+]+)\n(0|[1-9]\d*)\n([A-Za-z\d+/]{43}=)\n(\S+)\n$/

export function signHead(head: Head, privateKey: KeyObject): SignedHead {
  const text = formatHead(head)
  const signature = sign(null, Buffer.from(text), privateKey)
  return { ...head, text, signature, key: fingerprintOf(createPublicKey(privateKey)) }
}

/** Whether the holder of the key has signed these bytes. */
export function isSignedBy(
  publicKey: KeyObject,
  { text, signature }: Pick<SignedHead, 'text' | 'signature'>,
): boolean {
  return verify(null, Buffer.from(text), publicKey, signature)
}

/**
 * A head with its signature as the signed note that a C2SP checkpoint is, named by the origin; for the tools of
 * transparency logs.
 */
export function formatCheckpoint({ origin, text, signature }: SignedHead, publicKey: KeyObject): string {
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const id = createHash('sha256').update(`${origin}\n`).update(Buffer.of(ED25519_NOTE)).update(raw).digest()
  const signed = Buffer.concat([id.subarray(0, 4), signature])
  return `${text}\n\u2014 ${origin} ${signed.toString('base64')}\n`
}

/** The type of an Ed25519 signature in a signed note. */
const ED25519_NOTE = 1

/** As it is kept, in one line. */
export function writeHead({ text, signature, key }: SignedHead): string {
  return JSON.stringify({ text, signature: signature.toString('base64'), key })
}

/** @throws Error for what {@link writeHead} does not write */
export function readHead(line: Buffer): SignedHead {
  const { text, signature, key } = keptSchema.parse(JSON.parse(line.toString()))
  const head = parseHead(text)
  if (!head) throw new Error('it is no head of a log')
  return { ...head, text, signature: Buffer.from(signature, 'base64'), key }
}

const keptSchema = z.looseObject({ text: z.string(), signature: z.base64(), key: z.string() })
