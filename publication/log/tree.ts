import { createHash } from 'node:crypto'

/** The Merkle tree of RFC 6962, section 2.1, over SHA-256. Hashes are 32 bytes; leaves count from 0. */

/** MTH({}), the root of a tree without leaves. */
export const EMPTY_ROOT = createHash('sha256').digest()

/** The hash of the full subtree over the 2^level leaves that begin at leaf index · 2^level. */
export type SubtreeHash = (level: number, index: number) => Buffer

export function leafHash(leaf: Uint8Array): Buffer {
  return createHash('sha256').update(LEAF_PREFIX).update(leaf).digest()
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest()
}

// They keep a leaf from passing for a node.
const LEAF_PREFIX = Buffer.of(0)
const NODE_PREFIX = Buffer.of(1)

/** The root of the first `size` leaves, in O(log size) hashes. */
export function treeRoot(hashAt: SubtreeHash, size: number): Buffer {
  return size === 0 ? EMPTY_ROOT : rangeRoot(hashAt, 0, size)
}

/** PATH(index, D[size]): what proves that a leaf is in a tree, 0 ≤ index < size. */
export function inclusionProof(hashAt: SubtreeHash, index: number, size: number): Buffer[] {
  const path = (begin: number, end: number): Buffer[] => {
    if (end - begin === 1) return []
    const middle = begin + splitOf(end - begin)
    return index < middle
      ? [...path(begin, middle), rangeRoot(hashAt, middle, end)]
      : [...path(middle, end), rangeRoot(hashAt, begin, middle)]
  }
  return path(0, size)
}

/** PROOF(from, D[to]): what proves that a tree begins with an earlier one, 0 ≤ from ≤ to. Empty for 0: whatever there is begins with nothing. */
export function consistencyProof(hashAt: SubtreeHash, from: number, to: number): Buffer[] {
  const subproof = (begin: number, end: number, isOld: boolean): Buffer[] => {
    if (from === end) return isOld ? [] : [rangeRoot(hashAt, begin, end)]
    const middle = begin + splitOf(end - begin)
    return from <= middle
      ? [...subproof(begin, middle, isOld), rangeRoot(hashAt, middle, end)]
      : [...subproof(middle, end, false), rangeRoot(hashAt, begin, middle)]
  }
  return from === 0 ? [] : subproof(0, to, true)
}

/** Whether a proof leads from the leaf of that hash and place to the root. Whatever else it is given is false. */
export function provesInclusion(
  { leaf, index, size, root }: { leaf: Uint8Array; index: number; size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(size) || !isCount(index) || index >= size) return false
  const climb = (at: number, width: number, rest: readonly Uint8Array[]): Uint8Array | undefined => {
    if (width === 1) return rest.length === 0 ? leaf : undefined
    const sibling = rest.at(-1)
    if (!sibling) return undefined
    const middle = splitOf(width)
    const isLeft = at < middle
    const own = climb(isLeft ? at : at - middle, isLeft ? middle : width - middle, rest.slice(0, -1))
    return own && (isLeft ? nodeHash(own, sibling) : nodeHash(sibling, own))
  }
  return isSame(climb(index, size, proof), root)
}

/** Whether a proof shows that the later tree begins with the leaves of the earlier one. Whatever else it is given is false. */
export function provesConsistency(
  from: { size: number; root: Uint8Array },
  to: { size: number; root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(from.size) || !isCount(to.size) || from.size > to.size) return false
  if (from.size === 0)
    return proof.length === 0 && isSame(EMPTY_ROOT, from.root) && (to.size > 0 || isSame(EMPTY_ROOT, to.root))
  type Roots = [old: Uint8Array, now: Uint8Array]
  const climb = (
    old: number,
    now: number,
    isOld: boolean,
    rest: readonly Uint8Array[],
  ): Roots | undefined => {
    const sibling = rest.at(-1)
    if (old === now) {
      if (isOld) return rest.length === 0 ? [from.root, from.root] : undefined
      return sibling && rest.length === 1 ? [sibling, sibling] : undefined
    }
    if (!sibling) return undefined
    const middle = splitOf(now)
    const others = rest.slice(0, -1)
    if (old <= middle) {
      const left = climb(old, middle, isOld, others)
      return left && [left[0], nodeHash(left[1], sibling)]
    }
    const right = climb(old - middle, now - middle, false, others)
    return right && [nodeHash(sibling, right[0]), nodeHash(sibling, right[1])]
  }
  const roots = climb(from.size, to.size, true, proof)
  return roots !== undefined && isSame(roots[0], from.root) && isSame(roots[1], to.root)
}

/** MTH(D[begin:end]), where `begin` is a place at which the recursion splits. */
function rangeRoot(hashAt: SubtreeHash, begin: number, end: number): Buffer {
  const width = end - begin
  const level = Math.log2(width)
  if (Number.isInteger(level)) return hashAt(level, begin / width)
  const middle = begin + splitOf(width)
  return nodeHash(rangeRoot(hashAt, begin, middle), rangeRoot(hashAt, middle, end))
}

/** The largest power of two that is less than `width`, which is 2 or more. */
function splitOf(width: number): number {
  let split = 1
  while (split * 2 < width) split *= 2
  return split
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}
