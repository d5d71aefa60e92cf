import { createPublicKey, type KeyObject } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { lockFolder } from '../../bus/folder-lock.ts'
import { openOwnKey } from '../../bus/own-key.ts'
import type { Clock } from '../../model/clock.ts'
import { fingerprintOf, makeLogKey, parseHead, readLogKey, type SignedHead, signHead } from './head.ts'
import { parseLeaf } from './leaf.ts'
import { openLineFile } from './lines.ts'
import { consistencyProof, inclusionProof, leafHash, nodeHash, treeRoot } from './tree.ts'

/**
 * The Merkle log (RFC 6962) of what was published: a leaf is the `version.json` of a version, byte for byte.
 * Sizes and places that are out of range are a RangeError.
 */
export interface ProofLog {
  /** How many leaves there are. */
  readonly size: number
  /** Its holder signs the heads. */
  readonly publicKey: KeyObject
  /**
   * Adds a leaf, which is on the disk when this returns, and answers its place. The same once more changes nothing.
   * @throws Error where it describes no version, has a line feed in it, is another one than what the log has of that
   * version, or cannot be written
   */
  append(leaf: Uint8Array): number
  /** The head of the log as it is: signed, and kept, when it is first asked for. */
  head(): SignedHead
  /** The first head that was signed of a tree with at least so many leaves. */
  headOf(size: number): SignedHead
  /** The place of a version. */
  find(dataset: string, version: number): number | undefined
  /** The place of the first version that has a file of that SHA-256, lower-case hex. */
  findFile(sha256: string): number | undefined
  /** The leaf of a place. */
  leaf(index: number): Buffer
  /** Proves that a leaf is in the tree of the first `size`. */
  inclusion(index: number, size: number): Buffer[]
  /** Proves that the tree of the first `to` leaves begins with that of the first `from`. */
  consistency(from: number, to: number): Buffer[]
  close(): void
}

interface LogOptions {
  /** Of the publication: the log is in `log/`, its key in `own/`, of which there is no backup. */
  folder: string
  /** How the log is named in its heads, asked when one is signed. */
  origin(): string
  clock: Clock
  log: Logger
}

/**
 * Opens the log, and makes it where there is none. Reads all leaves once; whatever is asked for then takes
 * O(log size) hashes.
 * @throws Error where the folder is in use, a file cannot be read, or the log is not what its heads have signed
 */
export function openProofLog({ folder, origin, clock, log }: LogOptions): ProofLog {
  const own = join(folder, 'log')
  mkdirSync(own, { recursive: true })
  using opening = new DisposableStack()
  const lock = lockFolder(own)
  opening.defer(() => lock.release())

  const leavesFile = join(own, 'leaves.jsonl')
  const headsFile = join(own, 'heads.jsonl')
  /** By level the hashes of all full subtrees. */
  const levels: Buffer[][] = [[]]
  const versions = new Map<string, number>()
  const files = new Map<string, number>()

  function take(leaf: Buffer, index: number): void {
    const version = parseLeaf(leaf)
    if (!version) throw new Error(`line ${index + 1} of ${leavesFile} describes no version`)
    versions.set(nameOf(version), index)
    for (const { sha256 } of version.files) if (!files.has(sha256)) files.set(sha256, index)
    addLeaf(levels, leafHash(leaf))
  }

  const leaves = openLineFile(leavesFile, take)
  opening.defer(() => leaves.close())
  const heads: SignedHead[] = []
  const headLines = openLineFile(headsFile, (line, index) => {
    const head = readHead(line)
    if (!head) throw new Error(`line ${index + 1} of ${headsFile} is no head`)
    heads.push(head)
  })
  opening.defer(() => headLines.close())
  for (const { torn, file } of [
    { torn: leaves.torn, file: leavesFile },
    { torn: headLines.torn, file: headsFile },
  ])
    if (torn > 0) log.warn({ file, bytes: torn }, 'removed a torn line from the log of what was published')

  const privateKey = readLogKey(openOwnKey(folder, KEY_FILE, makeLogKey))
  const publicKey = createPublicKey(privateKey)
  const key = fingerprintOf(publicKey)
  const hashAt = (level: number, index: number) => levels[level]![index]!
  checkHeads()
  const opened = opening.move()

  /** What was signed must still be there. The newest head says what stood in all lines before it. */
  function checkHeads(): void {
    const lacking = heads.findLast(signed => signed.size > leaves.count)
    if (lacking?.key === key)
      throw new Error(
        `${leavesFile} has ${leaves.count} lines, but ${lacking.size} were signed at ${timeOf(lacking)}: put the file back, or move ${join(folder, 'own', KEY_FILE)} away to go on with another key`,
      )
    if (lacking)
      log.warn(
        { file: leavesFile, leaves: leaves.count, signed: lacking.size },
        'leaves are not here that another key has signed',
      )
    const last = heads.findLast(signed => signed.size <= leaves.count)
    if (last && !treeRoot(hashAt, last.size).equals(last.root))
      throw new Error(
        `${leavesFile} is not what was signed at ${timeOf(last)}: one of its first ${last.size} lines was changed`,
      )
  }

  function head(): SignedHead {
    const size = leaves.count
    const last = heads.at(-1)
    if (last?.size === size && last.key === key && last.origin === origin()) return last
    const time = Math.max(clock.now(), last?.time ?? 0)
    const signed = signHead({ origin: origin(), size, root: treeRoot(hashAt, size), time }, privateKey)
    headLines.append(writeHead(signed))
    heads.push(signed)
    return signed
  }

  function refuseOutside(size: number): void {
    if (!(Number.isInteger(size) && size >= 0 && size <= leaves.count))
      throw new RangeError(`the log has ${leaves.count} leaves, not ${size}`)
  }

  return {
    get size() {
      return leaves.count
    },
    publicKey,
    append(leaf) {
      const version = parseLeaf(leaf)
      if (!version || leaf.includes(LINE_FEED))
        throw new Error('a leaf is the description of a version, in one line of JSON')
      const known = versions.get(nameOf(version))
      if (known === undefined) {
        // Another key may have signed more than what is here.
        if (heads.at(-1)?.key !== key) head()
        leaves.append(leaf)
        take(Buffer.from(leaf), leaves.count - 1)
        return leaves.count - 1
      }
      if (!leaves.read(known).equals(leaf))
        throw new Error(`version ${version.version} of ${version.dataset} is in the log, and is another one`)
      return known
    },
    head,
    headOf(size) {
      refuseOutside(size)
      return heads.find(signed => signed.key === key && signed.size >= size) ?? head()
    },
    find: (dataset, version) => versions.get(nameOf({ dataset, version })),
    findFile: sha256 => files.get(sha256),
    leaf(index) {
      refuseOutside(index + 1)
      return leaves.read(index)
    },
    inclusion(index, size) {
      refuseOutside(size)
      if (!(Number.isInteger(index) && index >= 0 && index < size))
        throw new RangeError(`among the first ${size} leaves there is no ${index}`)
      return inclusionProof(hashAt, index, size)
    },
    consistency(from, to) {
      refuseOutside(to)
      if (!(Number.isInteger(from) && from >= 0 && from <= to))
        throw new RangeError(`a tree of ${from} leaves is not an earlier one than that of ${to}`)
      return consistencyProof(hashAt, from, to)
    },
    close: () => opened.dispose(),
  }
}

const LINE_FEED = 10
const KEY_FILE = 'log.key'

function timeOf({ time }: SignedHead): string {
  return new Date(time).toISOString()
}

function nameOf({ dataset, version }: { dataset: string; version: number }): string {
  return `${dataset} ${version}`
}

/** Adds a leaf and the subtrees that it completes. */
function addLeaf(levels: Buffer[][], hash: Buffer, level = 0): void {
  levels[level] ??= []
  const hashes = levels[level]
  hashes.push(hash)
  if (hashes.length % 2 === 0) addLeaf(levels, nodeHash(hashes.at(-2)!, hash), level + 1)
}

function writeHead({ text, signature, key }: SignedHead): Buffer {
  return Buffer.from(JSON.stringify({ text, signature: signature.toString('base64'), key }))
}

function readHead(line: Buffer): SignedHead | undefined {
  try {
    const { text, signature, key } = JSON.parse(line.toString())
    const head = parseHead(text)
    return head && { ...head, text, signature: Buffer.from(signature, 'base64'), key }
  } catch {
    return undefined
  }
}
