import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  nodeHash,
  provesConsistency,
  provesInclusion,
  type SubtreeHash,
  treeRoot,
} from '../../../publication/log/tree.ts'
import { findPeer, peerProgram } from '../../peers/cache.ts'

/** The inputs, roots and proofs of the tests of Certificate Transparency (google/certificate-transparency, transparency-dev/merkle). */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map(hex => Buffer.from(hex, 'hex'))
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const PATHS = [
  { index: 0, size: 1, proof: [] },
  {
    index: 0,
    size: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    proof: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    index: 2,
    size: 3,
    proof: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  },
  {
    index: 1,
    size: 5,
    proof: [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
]
const EXTENSIONS = [
  { from: 1, to: 1, proof: [] },
  {
    from: 1,
    to: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    from: 6,
    to: 8,
    proof: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    from: 2,
    to: 5,
    proof: [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
  {
    from: 6,
    to: 7,
    proof: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
]

/** Full subtrees, computed from the leaves each time. */
function subtrees(leaves: readonly Uint8Array[]): SubtreeHash {
  const hashAt: SubtreeHash = (level, index) =>
    level === 0
      ? leafHash(leaves[index]!)
      : nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1))
  return hashAt
}

/** A tree of the vectors. */
const known = subtrees(LEAVES)
const bytes = (hex: readonly string[]) => hex.map(hash => Buffer.from(hash, 'hex'))
const hex = (hashes: readonly Buffer[]) => hashes.map(hash => hash.toString('hex'))
const treeOf = (size: number) => ({ size, root: treeRoot(known, size) })

/** Proofs with one thing wrong. */
function corrupted(proof: readonly Buffer[]): Buffer[][] {
  const flipped = proof.map((hash, place) => {
    const other = Buffer.from(hash)
    other[0]! ^= 8
    return proof.with(place, other) as Buffer[]
  })
  const added = [Buffer.alloc(0), EMPTY_ROOT].flatMap(hash => [
    [...proof, hash],
    [hash, ...proof],
  ])
  return [...flipped, ...added, ...(proof.length > 0 ? [proof.slice(0, -1), proof.slice(1)] : [])]
}

describe('the vectors of Certificate Transparency', () => {
  it('give the roots', () => {
    expect(ROOTS.map((_, size) => treeRoot(known, size).toString('hex'))).toEqual(ROOTS)
  })

  it.each(PATHS)('give the path of leaf $index among $size, which proves nothing else', vector => {
    const { index, size, proof } = vector
    expect(hex(inclusionProof(known, index, size))).toEqual(proof)
    const claim = { leaf: leafHash(LEAVES[index]!), index, ...treeOf(size) }
    expect(provesInclusion(claim, bytes(proof))).toBe(true)
    for (const wrong of [
      { ...claim, index: index - 1 },
      { ...claim, index: index + 1 },
      { ...claim, size: size * 2 },
      { ...claim, size: Math.floor(size / 2) },
      { ...claim, index: 0.5 },
      { ...claim, leaf: leafHash(Buffer.from('wrong')) },
      { ...claim, leaf: Buffer.alloc(0) },
      { ...claim, root: EMPTY_ROOT },
    ])
      expect(provesInclusion(wrong, bytes(proof)), JSON.stringify(wrong)).toBe(false)
    for (const wrong of corrupted(bytes(proof))) expect(provesInclusion(claim, wrong)).toBe(false)
  })

  it.each(EXTENSIONS)(
    'give the proof from $from to $to, which proves nothing else',
    ({ from, to, proof }) => {
      expect(hex(consistencyProof(known, from, to))).toEqual(proof)
      expect(provesConsistency(treeOf(from), treeOf(to), bytes(proof))).toBe(true)
      expect(provesConsistency({ size: from, root: EMPTY_ROOT }, treeOf(to), bytes(proof))).toBe(false)
      expect(provesConsistency(treeOf(from), { size: to, root: EMPTY_ROOT }, bytes(proof))).toBe(false)
      for (const wrong of corrupted(bytes(proof)))
        expect(provesConsistency(treeOf(from), treeOf(to), wrong)).toBe(false)
      if (from === to) return
      expect(provesConsistency(treeOf(to), treeOf(from), bytes(proof))).toBe(false)
      for (const size of [from - 1, from + 1])
        expect(provesConsistency({ ...treeOf(from), size }, treeOf(to), bytes(proof))).toBe(false)
      expect(provesConsistency(treeOf(from), { ...treeOf(to), size: 2 * to }, bytes(proof))).toBe(false)
    },
  )

  it('every tree begins with the empty one', () => {
    expect(consistencyProof(known, 0, 8)).toEqual([])
    expect(provesConsistency(treeOf(0), treeOf(8), [])).toBe(true)
    expect(provesConsistency({ size: 0, root: treeRoot(known, 1) }, treeOf(8), [])).toBe(false)
    expect(provesConsistency(treeOf(0), { size: 0, root: treeRoot(known, 1) }, [])).toBe(false)
  })
})

describe('a tree of any size', () => {
  const leafLists = fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 70 })

  it('proves each leaf at its place, and at no other', () => {
    fc.assert(
      fc.property(leafLists, fc.nat(), fc.nat(), (leaves, n, other) => {
        const hashAt = subtrees(leaves)
        const size = leaves.length
        const index = n % size
        const proof = inclusionProof(hashAt, index, size)
        const claim = { leaf: leafHash(leaves[index]!), index, size, root: treeRoot(hashAt, size) }
        expect(provesInclusion(claim, proof)).toBe(true)
        const elsewhere = leaves[other % size]!
        if (Buffer.compare(elsewhere, leaves[index]!) !== 0)
          expect(provesInclusion({ ...claim, leaf: leafHash(elsewhere) }, proof)).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  it('proves each tree before it, and none that had another leaf', () => {
    fc.assert(
      fc.property(leafLists, fc.nat(), fc.nat(), (leaves, n, changed) => {
        const hashAt = subtrees(leaves)
        const size = leaves.length
        const from = 1 + (n % size)
        const tree = (hashes: SubtreeHash, count: number) => ({ size: count, root: treeRoot(hashes, count) })
        const proof = consistencyProof(hashAt, from, size)
        expect(provesConsistency(tree(hashAt, from), tree(hashAt, size), proof)).toBe(true)
        const others = leaves.with(changed % from, Uint8Array.of(1, 2, 3, 4, 5))
        expect(provesConsistency(tree(subtrees(others), from), tree(hashAt, size), proof)).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})

describe.runIf(findPeer('pymerkle'))('beside pymerkle', () => {
  it('has the same roots and paths for every size up to 40', () => {
    const leaves = Array.from({ length: 40 }, (_, n) => Buffer.from(`leaf ${n}`))
    const script = fileURLToPath(new URL('../../peers/python/merkle.py', import.meta.url))
    const input = JSON.stringify(hex(leaves))
    const theirs = JSON.parse(execFileSync(peerProgram('pymerkle'), [script], { input, encoding: 'utf8' }))
    const hashAt = subtrees(leaves)
    const sizes = Array.from({ length: leaves.length + 1 }, (_, size) => size)
    expect(sizes.map(size => treeRoot(hashAt, size).toString('hex'))).toEqual(theirs.roots)
    expect(
      sizes.slice(1).map(size => sizes.slice(0, size).map(index => hex(inclusionProof(hashAt, index, size)))),
    ).toEqual(theirs.paths)
  })
})
