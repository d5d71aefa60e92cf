import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { addVerify } from '../../commands/verify.ts'
import { FLUIDS } from '../../publication/fluids.ts'
import { makeNonce, stampRequest } from '../../publication/log/stamp.ts'
import { temporaryFolder } from '../bus/fixtures.ts'
import { makeSmallTerritory } from '../e2e/small-territory.ts'
import { findPeer } from '../peers/cache.ts'
import { makeAuthority } from '../publication/log/authority.ts'
import { leaf, openLog } from '../publication/log/versions.ts'

const TEXT = 'id_batiment,debut\r\ncollege,2026-01-01\r\n'

/** A file with its proof and the key of its log, of which there is a second version. */
function published(text = TEXT) {
  const folder = temporaryFolder()
  const log = openLog(folder)
  log.append(leaf(1, text))
  log.append(leaf(2))
  const file = join(folder, 'fluides.csv')
  const proofFile = `${file}.proof.json`
  writeFileSync(file, text)
  writeFileSync(proofFile, JSON.stringify(log.proof(0, 'fluides.csv')))
  return { file, proofFile, copy: join(folder, 'log'), key: join(folder, 'log', 'key.pem') }
}

/** `affluent verify <args>`: its exit code, and what it prints. */
async function verify(...args: string[]): Promise<{ code: unknown; out: string }> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  process.exitCode = undefined
  try {
    const program = new Command().exitOverride()
    addVerify(program)
    await program.parseAsync(['node', 'affluent', 'verify', ...args])
    return { code: process.exitCode, out: printed.mock.calls.flat().join('\n') }
  } finally {
    printed.mockRestore()
    process.exitCode = undefined
  }
}

describe('affluent verify', () => {
  it('says of which version a file is, and when that was signed', async () => {
    const { file, key } = published()
    const { code, out } = await verify(file, '--key', key)
    expect(code).toBe(0)
    expect(out).toMatch(
      /fluides\.csv is fluides\.csv of version 1 of fluides, published at 2026-11-28T07:00:00\.000Z\./,
    )
    expect(out).toMatch(
      /leaf 0 of donnees\.brenne\.example\/open-data\/log, in its head of 2, signed at 2026/,
    )
  })

  it('takes the fingerprint of a key for the key', async () => {
    const { file, key } = published()
    const fingerprint = /by the key (\w+)/.exec((await verify(file, '--key', key)).out)![1]!
    expect((await verify(file, '--key', fingerprint)).code).toBe(0)
    const other = fingerprint.replace(/^./, digit => (digit === '0' ? '1' : '0'))
    const { code, out } = await verify(file, '--key', other)
    expect(code).toBe(4)
    expect(out).toContain('another key than the one that is trusted')
  })

  it('does not trust a key that nobody has named', async () => {
    const { code, out } = await verify(published().file)
    expect(code).toBe(4)
    expect(out).toContain('if this key is that of the publisher: name it with --key')
  })

  it('names a file that was changed, and one that was cut off', async () => {
    const { file, key } = published()
    writeFileSync(file, TEXT.replace('college', 'collage'))
    expect(await verify(file, '--key', key)).toMatchObject({
      code: 1,
      out: expect.stringContaining('as long'),
    })
    writeFileSync(file, TEXT.slice(0, -5))
    expect(await verify(file, '--key', key)).toMatchObject({
      code: 1,
      out: expect.stringContaining('cut off'),
    })
  })

  it('names a proof that was changed', async () => {
    const { file, proofFile, key } = published()
    const proof = readFileSync(proofFile, 'utf8')
    writeFileSync(proofFile, proof.replace('\\"version\\":1', '\\"version\\":3'))
    const { code, out } = await verify(file, '--key', key)
    expect(code).toBe(3)
    expect(out).toMatch(/Nothing is proven of .*: the path does not lead from this leaf/)
  })

  it('takes the proof from a copy of the log, by the file alone', async () => {
    const { file, proofFile, copy, key } = published()
    rmSync(proofFile)
    expect((await verify(file, '--log', copy, '--key', key)).code).toBe(0)
    const leaves = join(copy, 'leaves.jsonl')
    writeFileSync(leaves, readFileSync(leaves, 'utf8').replace('07:00:00', '06:00:00'))
    expect((await verify(file, '--log', copy, '--key', key)).code).toBe(3)
    writeFileSync(file, 'never published')
    const { code, out } = await verify(file, '--log', copy, '--key', key)
    expect(code).toBe(1)
    expect(out).toContain('is in no version of')
  })

  it('says whether a log still goes on from a proof that was kept', async () => {
    const { file, proofFile, copy, key } = published()
    const args = [file, '--key', key, '--proof', proofFile, '--log', copy]
    const { code, out } = await verify(...args)
    expect(code).toBe(0)
    expect(out).toMatch(/goes on from it: 2 leaves, signed at 2026/)
    const other = published()
    const elsewhere = await verify(...args.slice(0, -1), other.copy)
    expect(elsewhere.code).toBe(3)
    expect(elsewhere.out).toContain('the newest head of the log is not signed by the same key')
  })

  it('computes the figures anew where it is asked to, and names the rows that the readings do not give', async () => {
    const { data, flags, remove } = await makeSmallTerritory()
    onTestFinished(remove)
    mkdirSync(data)
    const names = FLUIDS.find(({ id }) => id === 'fluides')!.schema.fields.map(({ name }) => name)
    const cells: Record<string, string> = {
      id_batiment: 'college',
      fluide: 'electricite',
      debut: '2026-01-01',
    }
    const head = `${names.join()}\r\n`
    const empty = published(head)
    expect(await verify(empty.file, '--key', empty.key, '--deep', ...flags)).toMatchObject({
      code: 0,
      out: expect.stringContaining('All 0 rows are what the readings give.'),
    })
    const made = published(`${head}${names.map(name => cells[name] ?? '').join()}\r\n`)
    const { code, out } = await verify(made.file, '--key', made.key, '--deep', ...flags)
    expect(code).toBe(5)
    expect(out).toContain('1 of 1 rows are not what the readings give, as they are known now:')
    expect(out).toMatch(/college .*2026-01-01.*: the readings give no such row/)
    writeFileSync(made.file, head)
    expect((await verify(made.file, '--key', made.key, '--deep', ...flags)).code).toBe(1)
  })

  it('cannot tell without a proof, without the file, or by what is no key', async () => {
    const { file, proofFile, key } = published()
    await expect(verify(file, '--key', file)).rejects.toThrow('is no Ed25519 public key in PEM')
    rmSync(proofFile)
    await expect(verify(file, '--key', key)).rejects.toThrow(/there is no .*fluides\.csv\.proof\.json/)
    await expect(verify(`${file}x`, '--key', key)).rejects.toThrow('ENOENT')
  })

  it.runIf(findPeer('openssl'))(
    'says when an authority has seen it, if the one that is named vouches for it',
    async () => {
      const { file, proofFile, key } = published()
      expect(await verify(file, '--key', key, '--authority', key).catch(error => error.message)).toMatch(
        /there is no certificate in .*key\.pem/,
      )
      const authority = makeAuthority()
      expect(await verify(file, '--key', key, '--authority', authority.root)).toMatchObject({
        code: 3,
        out: expect.stringContaining('no authority has stamped it: when it was published is not proven'),
      })
      const proof = JSON.parse(readFileSync(proofFile, 'utf8'))
      const stamp = authority.answer(stampRequest(proof.head.text, makeNonce())).toString('base64')
      writeFileSync(proofFile, JSON.stringify({ ...proof, stamp }))
      const { code, out } = await verify(file, '--key', key, '--authority', authority.root)
      expect(code).toBe(0)
      expect(out).toMatch(/stamped at 20\S+Z by CN=stamps$/)
      expect(await verify(file, '--key', key)).toMatchObject({
        code: 0,
        out: expect.stringContaining('for whom nobody vouches'),
      })
      expect((await verify(file, '--key', key, '--authority', makeAuthority().root)).code).toBe(3)
    },
  )
})
