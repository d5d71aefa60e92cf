import { execFile } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLogPlace } from '../../commands/log-place.ts'
import { parseHead } from '../../publication/log/head.ts'
import { fingerprintOf } from '../../publication/log/key.ts'
import { openProofLog, type ProofLog } from '../../publication/log/log.ts'
import { leafHash, provesConsistency } from '../../publication/log/tree.ts'
import { verifyFile, verifyGrowth } from '../../publication/log/verify.ts'
import { silentLog } from '../bus/fixtures.ts'
import { registry } from '../fluids/territory.ts'
import { findPeer } from '../peers/cache.ts'
import { publicationIn, publicationOf } from '../publication/files.ts'
import { leaf, ORIGIN, sha256 } from '../publication/log/versions.ts'
import { type Hub, NOW, readJson, startHub } from './hub.ts'

let hub: Hub
let log: ProofLog
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-log-'))
  const clock = { now: () => NOW, elapsed: () => 0 }
  log = openProofLog({ folder, origin: () => ORIGIN, clock, log: silentLog })
  for (let version = 1; version <= 5; version++) log.append(leaf(version))
  const publication = publicationOf(publicationIn(join(folder, 'publication'), registry([], [])), [])
  hub = await startHub({ proofLog: log, publication })
})
afterAll(async () => {
  await hub.close()
  log.close()
  await rm(folder, { recursive: true })
})

const ask = (path: string) => hub.get(`/open-data/log/${path}`)
const answerOf = async (path: string) => readJson(await ask(path))

describe('the log of what was published', () => {
  const openssl = findPeer('openssl')
  it.runIf(openssl)('can be verified by hand, as the docs say', async () => {
    const docs = await readFile(new URL('../../docs/open-data.md', import.meta.url), 'utf8')
    const script = /```sh\n(LOG=.*?)```/s.exec(docs)![1]!.replace(/^LOG=.*/, `LOG=${hub.url}/open-data/log`)
    const cwd = await mkdtemp(join(tmpdir(), 'affluent-by-hand-'))
    const byHand = async (text: string) => {
      await writeFile(join(cwd, 'fluides.csv'), text)
      return promisify(execFile)('sh', ['-c', `PATH="$PATH:${dirname(openssl!)}"\n${script}`], { cwd })
    }
    const { stdout } = await byHand('file 4')
    expect(stdout.split('\n')).toEqual([
      `${fingerprintOf(log.publicKey)}  -`,
      'Signature Verified Successfully',
      '1',
      'published, and signed at 2026-11-22T11:00:00.000Z',
      '',
    ])
    await expect(byHand('file 4 was changed')).rejects.toThrow()
    await rm(cwd, { recursive: true })
  })

  it('has a head that anybody can verify, and read from any page', async () => {
    const answer = await ask('head')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60')
    const head = await readJson(answer)
    expect(head).toMatchObject({ origin: ORIGIN, size: 5, time: '2026-11-22T11:00:00.000Z' })
    const pem = await (await ask('key.pem')).text()
    const key = createPublicKey(pem)
    expect(fingerprintOf(key)).toBe(head.key)
    expect(verify(null, Buffer.from(head.text), key, Buffer.from(head.signature, 'base64'))).toBe(true)
    expect(parseHead(head.text)?.root.toString('hex')).toBe(head.root)
  })

  it('has it as a checkpoint, too, whose key id is that of a signed note', async () => {
    const { text, signature } = await answerOf('head')
    const checkpoint = await (await ask('checkpoint')).text()
    expect(checkpoint.startsWith(`${text}\n— ${ORIGIN} `)).toBe(true)
    const signed = Buffer.from(checkpoint.trimEnd().split(' ').at(-1)!, 'base64')
    expect(signed.subarray(4).toString('base64')).toBe(signature)
    const raw = log.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const id = createHash('sha256').update(`${ORIGIN}\n\u0001`).update(raw).digest()
    expect(signed.subarray(0, 4)).toEqual(id.subarray(0, 4))
  })

  it('gives its leaves, to the byte', async () => {
    const lines = async (query: string) => (await ask(`leaves.jsonl${query}`)).text()
    expect(await lines('')).toBe([1, 2, 3, 4, 5].map(version => `${leaf(version)}\n`).join(''))
    expect(await lines('?from=3&limit=1')).toBe(`${leaf(4)}\n`)
    expect(await lines('?from=5')).toBe('')
  })

  it('proves a file by its SHA-256, and a version by its number', async () => {
    const byFile = await answerOf(`proof?sha256=${sha256('file 3')}`)
    const file = { bytes: 6, sha256: sha256('file 3') }
    expect(verifyFile(byFile, file, fingerprintOf(log.publicKey))).toMatchObject({
      outcome: 'published',
      version: { version: 3 },
    })
    expect(await answerOf('proof?dataset=fluides&version=3&file=fluides.csv')).toEqual(byFile)
    const { file: _, ...ofVersion } = byFile
    expect(await answerOf('proof?dataset=fluides&version=3')).toEqual(ofVersion)
  })

  it('has the proof of a file beside it', async () => {
    const answer = await hub.get('/open-data/fluides.csv.proof.json')
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await readJson(answer)).toEqual(await answerOf(`proof?sha256=${sha256('file 1')}`))
    const tag = { 'if-none-match': answer.headers.get('etag')! }
    expect((await hub.get('/open-data/fluides.csv.proof.json', tag)).status).toBe(304)
    expect((await hub.get('/open-data/fluides.geojson.proof.json')).status).toBe(404)
  })

  it('can be asked whether it goes on from a proof that was kept', async () => {
    const place = openLogPlace(`${hub.url}/open-data/log/`)
    const proof = await place.proof(sha256('file 2'))
    expect(verifyGrowth(proof, await place.growth(5)).size).toBe(5)
    expect(await place.proof(sha256('never'))).toBeUndefined()
    await expect(openLogPlace('http://127.0.0.1:9/open-data/log').growth(0)).rejects.toThrow(
      'cannot be reached',
    )
  })

  it('proves that it only grew', async () => {
    const { proof, ...sizes } = await answerOf('consistency?from=1')
    expect(sizes).toEqual({ from: 1, to: 5 })
    const path = proof.map((hash: string) => Buffer.from(hash, 'hex'))
    expect(provesConsistency({ size: 1, root: leafHash(leaf(1)) }, log.head(), path)).toBe(true)
    expect((await answerOf('consistency?from=2&to=4')).proof).toHaveLength(1)
  })

  it.each([
    ['head?size=3', 400, 'size'],
    ['leaves.jsonl?from=6', 400, 'from'],
    ['leaves.jsonl?limit=1001', 400, 'limit'],
    ['proof', 400, 'sha256'],
    ['proof?sha256=ABC', 400, 'sha256'],
    [`proof?sha256=${sha256('file 1')}&version=1`, 400, 'version'],
    ['proof?dataset=fluides', 400, 'version'],
    ['proof?dataset=fluides&version=0', 400, 'version'],
    ['consistency', 400, 'from'],
    ['consistency?from=1&to=6', 400, 'to'],
    ['consistency?from=3&to=2', 400, 'from'],
    [`proof?sha256=${sha256('never')}`, 404, undefined],
    ['proof?dataset=fluides&version=6', 404, undefined],
    ['proof?dataset=fluides&version=1&file=fluides.parquet', 404, undefined],
  ])('answers %s with a problem that names what is wrong', async (path, status, name) => {
    const answer = await ask(path)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    const problem = await readJson(answer)
    expect([problem.status, problem.errors?.[0]?.name]).toEqual([status, name])
  })
})
