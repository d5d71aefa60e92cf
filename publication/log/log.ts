import { createPublicKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { lockFolder } from '../../bus/folder-lock.ts'
import { openOwnKey } from '../../bus/own-key.ts'
import type { Clock } from '../../model/clock.ts'
import { HEADS_FILE, LEAVES_FILE, PUBLIC_KEY_FILE } from './files.ts'
import { formatCheckpoint, readHead, type SignedHead, signHead, writeHead } from './head.ts'
import { fingerprintOf, makeLogKey, readLogKey, writePublicKey } from './key.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { collectLeaves } from './leaves.ts'
import { openLineFile } from './lines.ts'
import { type Proof, type ProvingLog, proofOf } from './proof.ts'
import { openStamps } from './stamps.ts'
import { consistencyProof, inclusionProof, treeRoot } from './tree.ts'

/**
 * The Merkle log (RFC 6962) of what was published: a leaf is the `version.json` of a version, byte for byte.
 * Sizes and places that are out of range are a RangeError.
 */
export interface ProofLog extends ProvingLog {
  /** How many leaves there are. */
  readonly size: number
  /**
   * Adds a leaf, which is on the disk when this returns, and answers its place. The same once more changes nothing.
   * @throws Error where it describes no version, has a line feed in it, is another one than what the log has of that
   * version, or cannot be written
   */
  append(leaf: Uint8Array): number
  /** The head of the log as it is: signed, and kept, when it is first asked for. */
  head(): SignedHead
  /** Keeps what an authority has answered to a head (TimeStampResp, DER), checked. */
  addStamp(head: SignedHead, answer: Buffer): void
  /** The head of the log as it is, as a C2SP checkpoint. */
  checkpoint(): string
  /** The place of a version. */
  find(dataset: string, version: number): number | undefined
  /** The first version that has a file of that SHA-256, lower-case hex. */
  findFile(sha256: string): { index: number; name: string } | undefined
  /** What proves that a version was published; undefined where it has no file of that name. */
  proof(index: number, file?: string): Proof | undefined
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

  const leavesFile = join(own, LEAVES_FILE)
  const headsFile = join(own, HEADS_FILE)
  const stamps = openStamps(own)
  const collected = collectLeaves()
  const { hashAt } = collected
  const leaves = openLineFile(leavesFile, collected.take)
  opening.defer(() => leaves.close())
  const heads: SignedHead[] = []
  const headLines = openLineFile(headsFile, line => heads.push(readHead(line)))
  opening.defer(() => headLines.close())
  for (const { torn, file } of [
    { torn: leaves.torn, file: leavesFile },
    { torn: headLines.torn, file: headsFile },
  ])
    if (torn > 0) log.warn({ file, bytes: torn }, 'removed a torn line from the log of what was published')

  const privateKey = readLogKey(openOwnKey(folder, KEY_FILE, makeLogKey))
  const publicKey = createPublicKey(privateKey)
  const key = fingerprintOf(publicKey)
  checkHeads()
  writeFileSync(join(own, PUBLIC_KEY_FILE), writePublicKey(publicKey))
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
    headLines.append(Buffer.from(writeHead(signed)))
    heads.push(signed)
    return signed
  }

  function filesOf(index: number): Leaf['files'] {
    return parseLeaf(proving.leaf(index))!.files
  }

  function refuseOutside(size: number): void {
    if (!(Number.isInteger(size) && size >= 0 && size <= leaves.count))
      throw new RangeError(`the log has ${leaves.count} leaves, not ${size}`)
  }

  const proving: ProvingLog = {
    publicKey,
    headOf(size) {
      refuseOutside(size)
      const holding = heads.filter(signed => signed.key === key && signed.size >= size)
      return holding.find(stamps.of) ?? holding[0] ?? head()
    },
    stampOf: stamps.of,
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
  }

  return {
    ...proving,
    get size() {
      return leaves.count
    },
    append(leaf) {
      const version = parseLeaf(leaf)
      if (!version || leaf.includes(LINE_FEED))
        throw new Error('a leaf is the description of a version, in one line of JSON')
      const known = collected.find(version.dataset, version.version)
      if (known === undefined) {
        // Another key may have signed more than what is here.
        if (heads.at(-1)?.key !== key) head()
        leaves.append(leaf)
        collected.take(leaf)
        return leaves.count - 1
      }
      if (!leaves.read(known).equals(leaf))
        throw new Error(`version ${version.version} of ${version.dataset} is in the log, and is another one`)
      return known
    },
    head,
    addStamp: stamps.add,
    checkpoint: () => formatCheckpoint(head(), publicKey),
    find: collected.find,
    findFile(sha256) {
      const index = collected.findFile(sha256)
      const file = index === undefined ? undefined : filesOf(index).find(known => known.sha256 === sha256)
      return file && { index: index!, name: file.name }
    },
    consistency(from, to) {
      refuseOutside(to)
      if (!(Number.isInteger(from) && from >= 0 && from <= to))
        throw new RangeError(`a tree of ${from} leaves is not an earlier one than that of ${to}`)
      return consistencyProof(hashAt, from, to)
    },
    proof(index, file) {
      if (file !== undefined && !filesOf(index).some(({ name }) => name === file)) return undefined
      return proofOf(proving, index, file)
    },
    close: () => opened.dispose(),
  }
}

const LINE_FEED = 10
const KEY_FILE = 'log.key'

function timeOf({ time }: SignedHead): string {
  return new Date(time).toISOString()
}
