import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../publication/log/key.ts'
import type { Proof } from '../../../publication/log/proof.ts'
import { verifyFile, verifyGrowth } from '../../../publication/log/verify.ts'
import { temporaryFolder } from '../../bus/fixtures.ts'
import { leaf, ORIGIN, openLog, sha256, TIME } from './versions.ts'

const TEXT = 'id_batiment,debut\r\ncollege,2026-01-01\r\n'
const content = (text: string) => ({ bytes: Buffer.byteLength(text), sha256: sha256(text) })

/** A log of nine versions, and the proof of the sixth. */
function proven(file?: string) {
  const log = openLog(temporaryFolder())
  for (let version = 1; version <= 9; version++) log.append(leaf(version, version === 6 ? TEXT : undefined))
  return { log, proof: log.proof(5, file)!, key: fingerprintOf(log.publicKey) }
}

describe('a file', () => {
  it('is what was published, where its proof leads to the signed head', () => {
    const { proof, key } = proven()
    expect(verifyFile(proof, content(TEXT), key)).toMatchObject({
      outcome: 'published',
      name: 'fluides.csv',
      version: { dataset: 'fluides', version: 6, publishedAt: '2026-11-28T07:00:00.000Z' },
      index: 5,
      head: { origin: ORIGIN, size: 9, time: TIME },
      key,
    })
  })

  it('is not, where a byte of it is another, or some lack', () => {
    const { proof, key } = proven('fluides.csv')
    const judge = (text: string) => verifyFile(proof, content(text), key)
    expect(judge(TEXT.replace('2026', '2027'))).toMatchObject({
      outcome: 'another-file',
      why: 'fluides.csv is as long, but its content is another',
    })
    expect(judge(TEXT.slice(0, 20))).toMatchObject({
      outcome: 'another-file',
      why: 'fluides.csv has 39 bytes, this has 20: it was cut off or changed',
    })
    expect(judge(`${TEXT}x`)).toMatchObject({ outcome: 'another-file', why: /39 bytes, this has 40/ })
    expect(verifyFile(proven().proof, content(''), undefined)).toMatchObject({
      outcome: 'another-file',
      why: 'none of its files has this SHA-256',
    })
  })

  it('is only said to be, where nobody has named the key', () => {
    expect(verifyFile(proven().proof, content(TEXT), undefined)).toMatchObject({ outcome: 'key-not-named' })
  })
})

describe('a proof', () => {
  it('of another log is by another key, also where it takes ours for its own', () => {
    const { proof, key } = proven()
    const other = proven()
    expect(verifyFile(other.proof, content(TEXT), key)).toEqual({
      outcome: 'another-key',
      key: other.key,
      expected: key,
    })
    expect(verifyFile({ ...other.proof, publicKey: proof.publicKey }, content(TEXT), key)).toMatchObject({
      outcome: 'not-proven',
      why: 'the signature is not of this head and key',
    })
  })

  it.each<[string, (proof: Proof) => unknown, RegExp]>([
    ['nothing', () => null, /it is no proof/],
    ['a part', ({ head, ...proof }) => proof, /it is no proof: head/],
    ['more than there is', proof => ({ ...proof, more: 1 }), /it is no proof/],
    ['no key', proof => ({ ...proof, publicKey: 'none' }), /public key/],
    ['another place', proof => ({ ...proof, index: 4 }), /path does not lead/],
    ['a shorter path', proof => ({ ...proof, inclusion: proof.inclusion.slice(1) }), /path does not lead/],
    ['another leaf', proof => ({ ...proof, leaf: proof.leaf.replace('"version":6', '"version":7') }), /path/],
    [
      'another root',
      proof => ({ ...proof, head: { ...proof.head, text: proof.head.text.replace('\n9\n', '\n8\n') } }),
      /signature/,
    ],
    [
      'another time',
      proof => ({ ...proof, head: { ...proof.head, text: proof.head.text.replace('2026', '2025') } }),
      /signature/,
    ],
  ])('with %s proves nothing', (_, tamper, why) => {
    const { proof, key } = proven()
    expect(verifyFile(tamper(proof), content(TEXT), key)).toMatchObject({ outcome: 'not-proven', why })
  })

  it('proves nothing once any bit of it is another', () => {
    const { proof, key } = proven()
    const flip = (bytes: Buffer, bit: number) => {
      const other = Buffer.from(bytes)
      other[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7)
      return other
    }
    const flipped: ((bit: number) => unknown)[] = [
      bit => ({ ...proof, leaf: flip(Buffer.from(proof.leaf), bit).toString() }),
      bit => ({
        ...proof,
        head: { ...proof.head, text: flip(Buffer.from(proof.head.text), bit).toString() },
      }),
      bit => {
        const signature = flip(Buffer.from(proof.head.signature, 'base64'), bit).toString('base64')
        return { ...proof, head: { ...proof.head, signature } }
      },
      bit => {
        const place = bit % proof.inclusion.length
        const sibling = flip(Buffer.from(proof.inclusion[place]!, 'hex'), bit).toString('hex')
        return { ...proof, inclusion: proof.inclusion.with(place, sibling) }
      },
    ]
    fc.assert(
      fc.property(fc.constantFrom(...flipped), fc.nat(1e6), (tamper, bit) => {
        expect(verifyFile(tamper(bit), content(TEXT), key).outcome).toBe('not-proven')
      }),
    )
  })
})

describe('a log', () => {
  const growthOf = (log: ReturnType<typeof openLog>, from: number) => {
    const head = log.head()
    return { head, path: from <= head.size ? log.consistency(from, head.size) : [] }
  }

  it('goes on from a proof that was kept, or it is told', () => {
    const { log, proof } = proven()
    expect(verifyGrowth(proof, growthOf(log, 9)).size).toBe(9)
    for (let version = 10; version <= 13; version++) log.append(leaf(version))
    const growth = growthOf(log, 9)
    expect(verifyGrowth(proof, growth).size).toBe(13)
    expect(() => verifyGrowth(proof, { ...growth, path: growth.path.slice(1) })).toThrow('does not go on')
    expect(() => verifyGrowth(proof, growthOf(proven().log, 9))).toThrow('not signed by the same key')
  })

  it('cannot become shorter, nor another one under the same key', () => {
    const folder = temporaryFolder()
    const log = openLog(folder)
    for (let version = 1; version <= 4; version++) log.append(leaf(version))
    const proof = log.proof(0)
    log.close()
    rmSync(join(folder, 'log'), { recursive: true })
    const again = openLog(folder)
    for (let version = 1; version <= 3; version++) again.append(leaf(version, 'another'))
    expect(() => verifyGrowth(proof, growthOf(again, 4))).toThrow('the log had 4 leaves, and has 3 now')
    for (let version = 4; version <= 6; version++) again.append(leaf(version))
    expect(() => verifyGrowth(proof, growthOf(again, 4))).toThrow('does not go on from this head')
  })
})
