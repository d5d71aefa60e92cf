import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ContentInfo, PKIStatusInfo, SignedData, TimeStampResp } from 'pkijs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DAY_MS } from '../../../model/time.ts'
import { fingerprintOf } from '../../../publication/log/key.ts'
import type { ProofLog } from '../../../publication/log/log.ts'
import { makeNonce, readCertificates, readStamp, stampRequest } from '../../../publication/log/stamp.ts'
import { createStamper } from '../../../publication/log/stamper.ts'
import { verifyFile, verifyStamp } from '../../../publication/log/verify.ts'
import { recordingLog, silentLog, temporaryFolder } from '../../bus/fixtures.ts'
import { findPeer } from '../../peers/cache.ts'
import { makeAuthority, serveAuthority } from './authority.ts'
import { leaf, openLog, sha256 } from './versions.ts'

const TEXT = 'donnees.brenne.example/open-data/log\n3\n'

describe.runIf(findPeer('openssl'))('a stamp of an authority', () => {
  it('says when it had the text, and who vouches for it; openssl finds the same', async () => {
    const authority = makeAuthority()
    const nonce = makeNonce()
    const answer = authority.answer(stampRequest(TEXT, nonce))
    const trusted = readCertificates(authority.root)
    const stamp = await readStamp(answer, TEXT, { nonce, trusted })
    expect(stamp.authority).toBe('CN=stamps')
    expect(Math.abs(stamp.time - Date.now())).toBeLessThan(60_000)
    writeFileSync(join(authority.folder, 'head.txt'), TEXT)
    const files = ['-data', 'head.txt', '-in', 'answer.tsr', '-CAfile', 'root.pem']
    expect(authority.openssl('ts', '-verify', ...files)).toBe('Verification: OK\n')
  })

  it('holds as long as the certificate held when it was made', async () => {
    const authority = makeAuthority()
    const answer = authority.answer(stampRequest(TEXT, makeNonce()))
    const trusted = readCertificates(authority.root)
    // Its certificates are of thirty days.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * DAY_MS })
    onTestFinished(() => void vi.useRealTimers())
    expect(await readStamp(answer, TEXT, { trusted })).toMatchObject({ authority: 'CN=stamps' })
  })

  it('is refused where it is of another text, for another request, of a stranger, or changed', async () => {
    const authority = makeAuthority()
    const nonce = makeNonce()
    const answer = authority.answer(stampRequest(TEXT, nonce))
    await expect(readStamp(answer, `${TEXT}x`)).rejects.toThrow('the stamp is of another text')
    await expect(readStamp(answer, TEXT, { nonce: makeNonce() })).rejects.toThrow('to another request')
    const strangers = readCertificates(makeAuthority().root)
    await expect(readStamp(answer, TEXT, { trusted: strangers })).rejects.toThrow('does not hold')
    const changed = Buffer.from(answer)
    changed[changed.length - 5]! ^= 1
    await expect(readStamp(changed, TEXT)).rejects.toThrow()
    const refused = new TimeStampResp({ status: new PKIStatusInfo({ status: 2 }) }).toSchema().toBER()
    await expect(readStamp(Buffer.from(refused), TEXT)).rejects.toThrow('the authority refused (status 2)')
    const { timeStampToken } = TimeStampResp.fromBER(Uint8Array.from(answer).buffer)
    const both = new TimeStampResp({
      status: new PKIStatusInfo({ status: 2 }),
      timeStampToken: timeStampToken!,
    })
    await expect(readStamp(Buffer.from(both.toSchema().toBER()), TEXT)).rejects.toThrow('(status 2)')
  })

  it('is refused where the certificate is for something else', async () => {
    const authority = makeAuthority()
    const answer = authority.answer(stampRequest(TEXT, makeNonce()))
    const { timeStampToken } = TimeStampResp.fromBER(Uint8Array.from(answer).buffer)
    const { encapContentInfo } = new SignedData({ schema: timeStampToken!.content })
    writeFileSync(join(authority.folder, 'info.der'), Buffer.from(encapContentInfo.eContent!.getValue()))
    const signer = ['-signer', 'other.pem', '-inkey', 'other.key', '-md', 'sha256']
    const content = ['-econtent_type', 'id-smime-ct-TSTInfo', '-in', 'info.der', '-binary', '-nodetach']
    authority.openssl('cms', '-sign', ...content, ...signer, '-outform', 'DER', '-out', 'token.der')
    const token = ContentInfo.fromBER(
      Uint8Array.from(readFileSync(join(authority.folder, 'token.der'))).buffer,
    )
    const forged = new TimeStampResp({ status: new PKIStatusInfo({ status: 0 }), timeStampToken: token })
    const trusted = readCertificates(authority.root)
    await expect(readStamp(Buffer.from(forged.toSchema().toBER()), TEXT, { trusted })).rejects.toThrow(
      'its certificate is not one for time stamps',
    )
  })
})

describe.runIf(findPeer('openssl'))('heads of the log', () => {
  it('are stamped beside everything else, also where the authority fails at first, and the proof says so', async () => {
    const authority = makeAuthority()
    const url = await serveAuthority(authority, 503, 500)
    const trusted = readCertificates(authority.root)
    const folder = temporaryFolder()
    const proofLog = openLog(folder)
    proofLog.append(leaf(1))
    const { log, lines } = recordingLog()
    const stamper = createStamper({ proofLog, url, trusted, log, firstPauseMs: 1 })
    onTestFinished(() => stamper.close())
    const first = proofLog.head()
    expect(await verifyStamp(proofLog.proof(0), trusted)).toBeUndefined()
    stamper.wake()
    await vi.waitFor(() => expect(proofLog.stampOf(first)).toBeDefined(), 20_000)
    expect(lines.filter(line => line.includes('the head of the log could not be stamped'))).toHaveLength(2)

    // A later head is signed, and not stamped yet: what is proven by the stamped one stays so.
    proofLog.append(leaf(2))
    proofLog.head()
    const proof = proofLog.proof(0)
    const key = fingerprintOf(proofLog.publicKey)
    expect(verifyFile(proof, { bytes: 6, sha256: sha256('file 1') }, key)).toMatchObject({
      outcome: 'published',
      head: { size: 1 },
    })
    expect(await verifyStamp(proof, trusted)).toMatchObject({ authority: 'CN=stamps' })
    expect(await verifyStamp(proofLog.proof(1), trusted)).toBeUndefined()
    await stamper.close()
    proofLog.close()
    expect(openLog(folder).proof(0)).toEqual(proof)
  })

  it('are stamped once, and by no answer that is too long to be a stamp', async () => {
    const proofLog = openLog(temporaryFolder())
    const { log, lines } = recordingLog()
    const server = createServer((_, response) => response.end(Buffer.alloc(300 * 1024))).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stamperOf = (parts: Pick<ProofLog, 'head' | 'stampOf' | 'addStamp'>) => {
      const stamper = createStamper({ proofLog: parts, url, trusted: undefined, log, firstPauseMs: 60_000 })
      onTestFinished(() => stamper.close())
      return stamper
    }
    const stampOf = vi.fn(() => Buffer.of(1))
    const stamped = stamperOf({ head: () => proofLog.head(), stampOf, addStamp() {} })
    stamped.wake()
    stamped.wake()
    await vi.waitFor(() => expect(stampOf).toHaveBeenCalledTimes(2), 20_000)
    expect(lines).toEqual([])
    stamperOf(proofLog).wake()
    await vi.waitFor(() => expect(lines.join()).toContain('answers with more than 262144 bytes'), 20_000)
    expect(proofLog.stampOf(proofLog.head())).toBeUndefined()
  })

  it('are not stamped by whom nobody vouches for', async () => {
    const url = await serveAuthority(makeAuthority())
    const proofLog = openLog(temporaryFolder())
    const { log, lines } = recordingLog()
    const trusted = readCertificates(makeAuthority().root)
    const stamper = createStamper({ proofLog, url, trusted, log, firstPauseMs: 60_000 })
    stamper.wake()
    await vi.waitFor(
      () => expect(lines.join('')).toContain('the signature of the stamp does not hold'),
      20_000,
    )
    await stamper.close()
    expect(proofLog.stampOf(proofLog.head())).toBeUndefined()
  })

  it('wait for no authority that does not answer', async () => {
    const proofLog = openLog(temporaryFolder())
    const stamper = createStamper({ proofLog, url: 'http://127.0.0.1:9', trusted: undefined, log: silentLog })
    stamper.wake()
    expect(proofLog.append(leaf(1))).toBe(0)
    await stamper.close()
  })
})
