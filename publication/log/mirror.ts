import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HEADS_FILE, LEAVES_FILE, PUBLIC_KEY_FILE } from './files.ts'
import { isSignedBy, readHead, type SignedHead } from './head.ts'
import { readPublicKey } from './key.ts'
import { collectLeaves } from './leaves.ts'
import { readLines } from './lines.ts'
import type { ProvingLog } from './proof.ts'
import { openStamps } from './stamps.ts'
import { consistencyProof, inclusionProof } from './tree.ts'

/** A log that is only read: that of a publication, or a copy of it. */
export interface Mirror extends ProvingLog {
  findFile(sha256: string): number | undefined
  /** The newest head that its key has signed. */
  newest(): SignedHead
  /** Proves that the tree of the first `to` leaves begins with that of the first `from`. */
  consistency(from: number, to: number): Buffer[]
}

/**
 * Reads a folder with `leaves.jsonl`, `heads.jsonl` and `key.pem`, and `stamps` where there are any, while the hub may write to it.
 * @throws Error where one of them is missing or cannot be read
 */
export function readMirror(folder: string): Mirror {
  const at = (name: string) => join(folder, name)
  const eachLine = (name: string, take: (line: Buffer) => void) =>
    readLines(readFileSync(at(name)), at(name), take)
  const stamps = openStamps(folder)
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
  const isSigned = (signed: SignedHead) => isSignedBy(publicKey, signed)
  const reached = heads.filter(signed => signed.size <= leaves.length)

  function found(head: SignedHead | undefined, size: number): SignedHead {
    if (!head)
      throw new Error(`${at(HEADS_FILE)} has no head of ${size} leaves or more by ${at(PUBLIC_KEY_FILE)}`)
    return head
  }

  return {
    publicKey,
    findFile: collected.findFile,
    newest: () => found(reached.findLast(isSigned), 0),
    consistency: (from, to) => consistencyProof(collected.hashAt, from, to),
    leaf: index => leaves[index]!,
    headOf(size) {
      const holding = reached.filter(signed => signed.size >= size)
      const stamped = holding.find(signed => stamps.of(signed) && isSigned(signed))
      return found(stamped ?? holding.find(isSigned), size)
    },
    stampOf: stamps.of,
    inclusion: (index, size) => inclusionProof(collected.hashAt, index, size),
  }
}
