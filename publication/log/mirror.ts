import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HEADS_FILE, LEAVES_FILE, PUBLIC_KEY_FILE } from './files.ts'
import { isSignedBy, readHead, type SignedHead } from './head.ts'
import { readPublicKey } from './key.ts'
import { collectLeaves } from './leaves.ts'
import { readLines } from './lines.ts'
import type { ProvingLog } from './proof.ts'
import { inclusionProof } from './tree.ts'

/** A log that is only read: that of a publication, or a copy of it. */
export interface Mirror extends ProvingLog {
  findFile(sha256: string): number | undefined
}

/**
 * Reads a folder with `leaves.jsonl`, `heads.jsonl` and `key.pem`, while the hub may write to it.
 * @throws Error where one of them is missing or cannot be read
 */
export function readMirror(folder: string): Mirror {
  const at = (name: string) => join(folder, name)
  const eachLine = (name: string, take: (line: Buffer) => void) =>
    readLines(readFileSync(at(name)), at(name), take)
  const collected = collectLeaves()
  const leaves: Buffer[] = []
  eachLine(LEAVES_FILE, leaf => {
    collected.take(leaf)
    leaves.push(leaf)
  })
  const heads: SignedHead[] = []
  eachLine(HEADS_FILE, line => heads.push(readHead(line)))
  const publicKey = readPublicKey(readFileSync(at(PUBLIC_KEY_FILE), 'utf8'))
  if (!publicKey) throw new Error(`${at(PUBLIC_KEY_FILE)} is no Ed25519 key`)
  return {
    publicKey,
    findFile: collected.findFile,
    leaf: index => leaves[index]!,
    headOf(size) {
      const reaches = (head: SignedHead) => head.size >= size && head.size <= leaves.length
      const head = heads.find(signed => reaches(signed) && isSignedBy(publicKey, signed))
      if (!head)
        throw new Error(`${at(HEADS_FILE)} has no head of ${size} leaves or more by ${at(PUBLIC_KEY_FILE)}`)
      return head
    },
    inclusion: (index, size) => inclusionProof(collected.hashAt, index, size),
  }
}
