import { parseLeaf } from './leaf.ts'
import { leafHash, nodeHash, type SubtreeHash } from './tree.ts'

/** The leaves of a log, as far as they have come, and what is found in them. */
export interface Leaves {
  /**
   * Takes the next one.
   * @throws Error where it describes no version
   */
  take(leaf: Uint8Array): void
  hashAt: SubtreeHash
  /** The place of a version. */
  find(dataset: string, version: number): number | undefined
  /** The place of the first version that has a file of that SHA-256, lower-case hex. */
  findFile(sha256: string): number | undefined
}

export function collectLeaves(): Leaves {
  /** By level the hashes of all full subtrees. */
  const levels: Buffer[][] = [[]]
  const versions = new Map<string, number>()
  const files = new Map<string, number>()
  return {
    take(leaf) {
      const index = levels[0]!.length
      const version = parseLeaf(leaf)
      if (!version) throw new Error('it describes no version')
      versions.set(nameOf(version.dataset, version.version), index)
      for (const { sha256 } of version.files) if (!files.has(sha256)) files.set(sha256, index)
      addLeaf(levels, leafHash(leaf))
    },
    hashAt: (level, index) => levels[level]![index]!,
    find: (dataset, version) => versions.get(nameOf(dataset, version)),
    findFile: sha256 => files.get(sha256),
  }
}

function nameOf(dataset: string, version: number): string {
  return `${dataset} ${version}`
}

/** Adds a leaf and the subtrees that it completes. */
function addLeaf(levels: Buffer[][], hash: Buffer, level = 0): void {
  levels[level] ??= []
  const hashes = levels[level]
  hashes.push(hash)
  if (hashes.length % 2 === 0) addLeaf(levels, nodeHash(hashes.at(-2)!, hash), level + 1)
}
