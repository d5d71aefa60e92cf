import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { SignedHead } from './head.ts'
import { writePublicKey } from './key.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** Everything that shows, without asking anybody, that a version was published: beside a file, `FILE.proof.json`. */
export const proofSchema = z.strictObject({
  format: z.literal('affluent-proof/1'),
  /** Of which of the files of the version the proof was asked for. */
  file: z.string().optional(),
  /** The leaf: `version.json`, byte for byte in UTF-8. */
  leaf: z.string(),
  index: z.int().nonnegative(),
  /** The audit path (RFC 6962, 2.1.1), from the leaf up; lower-case hex. */
  inclusion: z.array(hash).max(64),
  head: z.strictObject({ text: z.string(), signature: z.base64() }),
  /** Of the log, PEM: it says whose key to look for, not that it is to be trusted. */
  publicKey: z.string(),
})

export type Proof = z.output<typeof proofSchema>

/** What a proof is made from. */
export interface ProvingLog {
  /** Its holder signs the heads. */
  readonly publicKey: KeyObject
  /** The first head that was signed of a tree with at least so many leaves. */
  headOf(size: number): SignedHead
  /** The leaf of a place. */
  leaf(index: number): Buffer
  /** Proves that a leaf is in the tree of the first `size`. */
  inclusion(index: number, size: number): Buffer[]
}

/** The proof of a leaf, in the first head that was signed with it, so that it says how early that was. */
export function proofOf(log: ProvingLog, index: number, file?: string): Proof {
  const { size, text, signature } = log.headOf(index + 1)
  return {
    format: 'affluent-proof/1',
    ...(file !== undefined && { file }),
    leaf: log.leaf(index).toString(),
    index,
    inclusion: log.inclusion(index, size).map(sibling => sibling.toString('hex')),
    head: { text, signature: signature.toString('base64') },
    publicKey: writePublicKey(log.publicKey),
  }
}
