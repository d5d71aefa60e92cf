import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listDataFiles } from '../../../archive/data-files.ts'
import { formatHead, isSignedBy, parseHead } from '../../../publication/log/head.ts'
import { fingerprintOf } from '../../../publication/log/key.ts'
import { EMPTY_ROOT, leafHash, provesConsistency, provesInclusion } from '../../../publication/log/tree.ts'
import { recordingLog, temporaryFolder } from '../../bus/fixtures.ts'
import { findPeer, peerProgram } from '../../peers/cache.ts'
import { mountSmallDisk } from '../../peers/small-disk.ts'
import { leaf, ORIGIN, openLog as open, sha256, TIME } from './versions.ts'

/** A folder with a log of so many versions. */
function folderWith(count: number): string {
  const folder = temporaryFolder()
  const log = open(folder)
  for (let version = 1; version <= count; version++) log.append(leaf(version))
  log.head()
  log.close()
  return folder
}

describe('the log', () => {
  it('begins as the empty tree, with a signed head', () => {
    const log = open(temporaryFolder())
    expect(log.size).toBe(0)
    const head = log.head()
    expect(head).toMatchObject({ origin: ORIGIN, size: 0, root: EMPTY_ROOT, time: TIME })
    expect(isSignedBy(log.publicKey, head)).toBe(true)
  })

  it('proves what is in it, and that a head goes on from each before it', () => {
    const log = open(temporaryFolder())
    const heads = Array.from({ length: 9 }, (_, n) => {
      expect(log.append(leaf(n + 1))).toBe(n)
      return log.head()
    })
    const last = heads.at(-1)!
    for (const [index, earlier] of heads.entries()) {
      const claim = { leaf: leafHash(leaf(index + 1)), index, size: last.size, root: last.root }
      expect(provesInclusion(claim, log.inclusion(index, last.size))).toBe(true)
      expect(provesConsistency(earlier, last, log.consistency(earlier.size, last.size))).toBe(true)
      expect(log.headOf(index + 1)).toEqual(earlier)
    }
  })

  it('changes nothing when a version comes again, and takes no other in its place', () => {
    const folder = temporaryFolder()
    const log = open(folder)
    log.append(leaf(1))
    log.append(leaf(1, 'other', 'batiments'))
    const head = log.head()
    expect(log.append(leaf(1))).toBe(0)
    expect(log.head()).toEqual(head)
    expect(() => log.append(leaf(1, 'changed'))).toThrow('version 1 of fluides is in the log, and is another')
    expect(() => log.append(Buffer.from('{"dataset":"fluides"}'))).toThrow('a leaf is the description')
    expect(() => log.append(Buffer.concat([leaf(2), Buffer.from('\n')]))).toThrow('in one line of JSON')
    log.close()
    expect(open(folder).append(leaf(1))).toBe(0)
  })

  it('finds a version, and the first one that has a file', () => {
    const folder = temporaryFolder()
    const log = open(folder)
    log.append(leaf(1, 'same'))
    log.append(leaf(2, 'same'))
    log.append(leaf(1, 'other', 'batiments'))
    log.close()
    const again = open(folder)
    expect([again.find('fluides', 2), again.find('batiments', 1), again.find('batiments', 2)]).toEqual([
      1,
      2,
      undefined,
    ])
    expect(again.findFile(sha256('same'))).toEqual({ index: 0, name: 'fluides.csv' })
    expect(again.findFile(sha256('never'))).toBeUndefined()
    expect(again.leaf(1)).toEqual(leaf(2, 'same'))
  })

  it('refuses what is out of range', () => {
    const log = open(temporaryFolder())
    log.append(leaf(1))
    for (const ask of [
      () => log.inclusion(1, 1),
      () => log.inclusion(0, 2),
      () => log.inclusion(-1, 1),
      () => log.inclusion(0.5, 1),
      () => log.consistency(2, 1),
      () => log.consistency(0, 2),
      () => log.headOf(2),
      () => log.leaf(1),
    ])
      expect(ask).toThrow(RangeError)
  })

  it('has one key and one writer, the key in no backup', () => {
    const folder = folderWith(2)
    const log = open(folder)
    const key = fingerprintOf(log.publicKey)
    expect(() => open(folder)).toThrow('in use by another process')
    expect(statSync(join(folder, 'own', 'log.key')).mode & 0o777).toBe(0o600)
    expect(listDataFiles(folder).others).toEqual(['log/heads.jsonl', 'log/key.pem', 'log/leaves.jsonl'])
    log.close()
    expect(fingerprintOf(open(folder).publicKey)).toBe(key)
  })

  it('signs no time before that of an earlier head', () => {
    const folder = folderWith(1)
    const log = open(folder, { now: TIME - 1000 })
    log.append(leaf(2))
    expect(log.head().time).toBe(TIME)
  })
})

describe('what was written of the log', () => {
  const leavesOf = (folder: string) => join(folder, 'log', 'leaves.jsonl')
  const headsOf = (folder: string) => join(folder, 'log', 'heads.jsonl')

  it('is whole lines: a torn one is cut off, and told', () => {
    const folder = folderWith(3)
    const { log, lines } = recordingLog()
    appendFileSync(leavesOf(folder), leaf(4).subarray(0, 20))
    appendFileSync(headsOf(folder), '{"text":"')
    const opened = open(folder, { log })
    expect(lines.filter(line => line.includes('removed a torn line'))).toHaveLength(2)
    expect(lines[0]).toContain('"bytes":20')
    expect(opened.append(leaf(4))).toBe(3)
    opened.close()
    const again = open(folder)
    expect([again.size, again.leaf(3).toString()]).toEqual([4, leaf(4).toString()])
  })

  it('may be more than was signed: a leaf whose head was not written any more is signed then', () => {
    const folder = folderWith(3)
    appendFileSync(leavesOf(folder), `${leaf(4)}\n`)
    const log = open(folder, { now: TIME + 5000 })
    expect(log.head()).toMatchObject({ size: 4, time: TIME + 5000 })
  })

  it('is refused where it is less than was signed', () => {
    const folder = folderWith(3)
    truncateSync(leavesOf(folder), leaf(1).length + 1)
    expect(() => open(folder)).toThrow(/leaves\.jsonl has 1 lines, but 3 were signed at 2026-11-28T07/)
  })

  it('is refused where a line was changed', () => {
    const folder = folderWith(3)
    const text = readFileSync(leavesOf(folder), 'utf8')
    writeFileSync(leavesOf(folder), text.replace(sha256('file 2'), sha256('file X')))
    expect(() => open(folder)).toThrow('one of its first 3 lines was changed')
    writeFileSync(leavesOf(folder), `{}\n${text}`)
    expect(() => open(folder)).toThrow(/line 1 of .*leaves\.jsonl: it describes no version/)
  })

  it('goes on under another key from a backup, whose end is lost', () => {
    const folder = folderWith(3)
    const { log, lines } = recordingLog()
    truncateSync(leavesOf(folder), leaf(1).length + 1)
    renameSync(join(folder, 'own'), join(folder, 'gone'))
    const opened = open(folder, { log })
    expect(lines.join('')).toContain('leaves are not here that another key has signed')
    opened.append(leaf(2, 'another'))
    opened.append(leaf(3, 'another'))
    opened.close()
    const again = open(folder)
    const head = again.head()
    expect(head.size).toBe(3)
    expect(isSignedBy(again.publicKey, head)).toBe(true)
    expect(again.headOf(1)).toMatchObject({ size: 1, key: head.key })
  })

  const disk = mountSmallDisk(1)
  it.runIf(disk)('ends as before where the disk is full', async () => {
    onTestFinished(() => disk!.unmount())
    const log = open(disk!.folder)
    log.append(leaf(1))
    log.head()
    const long = leaf(2, 'x', 'd'.repeat(20_000))
    await disk!.fill()
    expect(() => log.append(long)).toThrow(/leaves\.jsonl cannot be written: ENOSPC/)
    await disk!.clear()
    expect(log.append(long)).toBe(1)
    log.close()
    expect(open(disk!.folder).leaf(1)).toEqual(long)
  })
})

describe('a head', () => {
  const head = { origin: ORIGIN, size: 3, root: leafHash(leaf(1)), time: TIME }

  it('is signed as four lines of text', () => {
    expect(formatHead(head)).toBe(`${ORIGIN}\n3\n${head.root.toString('base64')}\n2026-11-28T07:00:00.000Z\n`)
    expect(parseHead(formatHead(head))).toEqual(head)
  })

  it('is read from exactly these', () => {
    const text = formatHead(head)
    for (const wrong of [
      '',
      text.slice(0, -1),
      `${text}\n`,
      text.replace('\n3\n', '\n03\n'),
      text.replace('\n3\n', '\n99999999999999999999\n'),
      text.replace('.000Z', 'Z'),
      text.replace(ORIGIN, 'two words'),
      text.replace('=\n', '\n'),
    ])
      expect(parseHead(wrong), wrong).toBeUndefined()
  })

  it.runIf(findPeer('openssl'))('is verified by openssl, and not once a byte of it is another', () => {
    const folder = temporaryFolder()
    const log = open(folder)
    log.append(leaf(1))
    const { text, signature } = log.head()
    const at = (name: string) => join(folder, name)
    writeFileSync(at('key.pem'), log.publicKey.export({ format: 'pem', type: 'spki' }))
    writeFileSync(at('head.sig'), signature)
    const verify = (signed: string) => {
      writeFileSync(at('head.txt'), signed)
      const args = ['pkeyutl', '-verify', '-pubin', '-inkey', at('key.pem'), '-rawin']
      const files = ['-in', at('head.txt'), '-sigfile', at('head.sig')]
      return spawnSync(peerProgram('openssl'), [...args, ...files], { encoding: 'utf8' })
    }
    expect(verify(text)).toMatchObject({ status: 0, stdout: 'Signature Verified Successfully\n' })
    expect(verify(text.replace('\n1\n', '\n2\n')).status).toBe(1)
  })
})
