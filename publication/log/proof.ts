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
  /** Of the head's text, by an authority: a TimeStampResp (RFC 3161) in DER. */
  stamp: z.base64().optional(),
})

export type Proof = z.output<typeof proofSchema>

/** What a proof is made from. */
export interface ProvingLog {
  /** Its holder signs the heads. */
  readonly publicKey: KeyObject
  /** Of the heads of a tree with at least so many leaves, the first that is stamped, or else the first. */
  headOf(size: number): SignedHead
  /** What an authority has answered to it (TimeStampResp, DER). */
  stampOf(head: SignedHead): Buffer | undefined
  /** The leaf of a place. */
  leaf(index: number): Buffer
  /** Proves that a leaf is in the tree of the first `size`. */
  inclusion(index: number, size: number): Buffer[]
}

/** The proof of a leaf, in the first head that was stamped with it, or else signed, so that it says how early that was. */
export function proofOf(log: ProvingLog, index: number, file?: string): Proof {
  const head = log.headOf(index + 1)
  const { size, text, signature } = head
  const stamp = log.stampOf(head)
  return {
    format: 'affluent-proof/1',
    ...(file !== undefined && { file }),
    leaf: log.leaf(index).toString(),
    index,
    inclusion: log.inclusion(index, size).map(sibling => sibling.toString('hex')),
    head: { text, signature: signature.toString('base64') },
    publicKey: writePublicKey(log.publicKey),
    ...(stamp && { stamp: stamp.toString('base64') }),
  }
}
