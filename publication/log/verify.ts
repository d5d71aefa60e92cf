import type { Certificate } from 'pkijs'
import type { FileContent } from '../../store/file-copy.ts'
import { type Head, isSignedBy, parseHead, type SignedHead } from './head.ts'
import { fingerprintOf, readPublicKey } from './key.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { proofSchema } from './proof.ts'
import { readStamp, type Stamp } from './stamp.ts'
import { leafHash, provesConsistency, provesInclusion } from './tree.ts'

/** What a proof says of a file. */
export type Verdict =
  | (Proven & { outcome: 'published'; name: string })
  /** Everything holds, but nobody has said which key is to be trusted. */
  | (Proven & { outcome: 'key-not-named'; name: string })
  /** The version was published, and this is none of its files. */
  | (Proven & { outcome: 'another-file'; why: string })
  | { outcome: 'another-key'; key: string; expected: string }
  | { outcome: 'not-proven'; why: string }

interface Proven {
  version: Leaf
  index: number
  head: Head
  /** The fingerprint of the key that signed. */
  key: string
}

/**
 * Judges a file by a proof, and by nothing else.
 * @param document what stands in the proof's file
 * @param trusted the fingerprint of the key that is trusted
 */
export function verifyFile(document: unknown, file: FileContent, trusted: string | undefined): Verdict {
  const { data: proof, error } = proofSchema.safeParse(document)
  if (!proof) {
    const { path, message } = error.issues[0]!
    return refuse(`it is no proof: ${[path.join('.'), message].filter(Boolean).join(': ')}`)
  }
  const publicKey = readPublicKey(proof.publicKey)
  if (!publicKey) return refuse('its public key is not one of Ed25519')
  const key = fingerprintOf(publicKey)
  if (trusted !== undefined && key !== trusted) return { outcome: 'another-key', key, expected: trusted }

  const { text, signature } = proof.head
  if (!isSignedBy(publicKey, { text, signature: Buffer.from(signature, 'base64') }))
    return refuse('the signature is not of this head and key')
  const head = parseHead(text)
  if (!head) return refuse('what was signed is no head of a log')
  const bytes = Buffer.from(proof.leaf)
  const claim = { leaf: leafHash(bytes), index: proof.index, ...head }
  const path = proof.inclusion.map(sibling => Buffer.from(sibling, 'hex'))
  if (!provesInclusion(claim, path)) return refuse('the path does not lead from this leaf to the signed head')
  const version = parseLeaf(bytes)
  if (!version) return refuse('its leaf describes no version')

  const proven = { version, index: proof.index, head, key }
  const same = version.files.find(({ sha256 }) => sha256 === file.sha256)
  if (!same) return { ...proven, outcome: 'another-file', why: whyNot(version, proof.file, file) }
  return { ...proven, outcome: trusted === undefined ? 'key-not-named' : 'published', name: same.name }
}

/**
 * What an authority says of the head of a proof that holds; undefined where it was not asked.
 * @param trusted who must vouch for the authority
 * @throws Error that says why its stamp does not hold
 */
export async function verifyStamp(
  document: unknown,
  trusted: readonly Certificate[] | undefined,
): Promise<Stamp | undefined> {
  const { stamp, head } = proofSchema.parse(document)
  return stamp === undefined
    ? undefined
    : readStamp(Buffer.from(stamp, 'base64'), head.text, trusted && { trusted })
}

/** A later head of a log, and what proves that it goes on from an earlier one. */
export interface Growth {
  head: Pick<SignedHead, 'text' | 'signature'>
  path: readonly Buffer[]
}

/**
 * Checks that a log goes on from the head of a proof that holds: that nothing in it was changed or removed since.
 * @returns the later head
 * @throws Error that says why it does not
 */
export function verifyGrowth(document: unknown, { head: later, path }: Growth): Head {
  const { head, publicKey } = proofSchema.parse(document)
  const [before, now] = [parseHead(head.text)!, parseHead(later.text)]
  if (!now || !isSignedBy(readPublicKey(publicKey)!, later))
    throw new Error('the newest head of the log is not signed by the same key')
  if (now.size < before.size) throw new Error(`the log had ${before.size} leaves, and has ${now.size} now`)
  if (!provesConsistency(before, now, path))
    throw new Error('the log does not go on from this head: something in it was changed')
  return now
}

function refuse(why: string): Verdict {
  return { outcome: 'not-proven', why }
}

/** Why a file is not the one of that name. */
function whyNot(version: Leaf, name: string | undefined, file: FileContent): string {
  const published = version.files.find(known => known.name === name)
  if (!published) return 'none of its files has this SHA-256'
  const { bytes } = published
  if (file.bytes < bytes)
    return `${name} has ${bytes} bytes, this has ${file.bytes}: it was cut off or changed`
  if (file.bytes > bytes) return `${name} has ${bytes} bytes, this has ${file.bytes}`
  return `${name} is as long, but its content is another`
}
