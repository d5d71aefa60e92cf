import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Integer, Null, OctetString } from 'asn1js'
import {
  AlgorithmIdentifier,
  Certificate,
  type ExtKeyUsage,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs'

/** What an authority says of a text (RFC 3161). */
export interface Stamp {
  /** When it had it before it, ms UTC. */
  time: number
  /** The subject of the certificate that it signed with. */
  authority: string
}

export interface StampCheck {
  /** What the request had, where the answer is to one. */
  nonce?: Buffer
  /** Certificates of which one must vouch for the authority's; without them whoever signed is believed. */
  trusted?: readonly Certificate[]
}

const SHA_256 = '2.16.840.1.101.3.4.2.1'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
/** PKIStatus `granted` and `grantedWithMods`. */
const GRANTED = [0, 1]

/** What tells the answer to one request from those to others; as an integer of DER it is positive and has no zeros before it. */
export function makeNonce(): Buffer {
  const nonce = randomBytes(8)
  nonce[0] = (nonce[0]! & 0x3f) | 0x40
  return nonce
}

/** A TimeStampReq in DER, for the SHA-256 of a text, that asks for the certificate. */
export function stampRequest(text: string, nonce: Buffer): Buffer {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: toArrayBuffer(imprintOf(text)) }),
    }),
    nonce: new Integer({ valueHex: toArrayBuffer(nonce) }),
    certReq: true,
  })
  return Buffer.from(request.toSchema().toBER())
}

/**
 * Reads the answer of an authority (TimeStampResp, DER), and checks that it is a stamp of the text.
 * @throws Error that says what is wrong with it
 */
export async function readStamp(answer: Buffer, text: string, check: StampCheck = {}): Promise<Stamp> {
  const { nonce, trusted } = check
  const { status, timeStampToken } = TimeStampResp.fromBER(toArrayBuffer(answer))
  if (!GRANTED.includes(status.status) || !timeStampToken)
    throw new Error(`the authority refused (status ${status.status})`)
  const signed = new SignedData({ schema: timeStampToken.content })
  const content = signed.encapContentInfo.eContent
  if (!content) throw new Error('the stamp says nothing')
  const { messageImprint, nonce: answered, genTime } = TSTInfo.fromBER(content.getValue())
  const { hashAlgorithm, hashedMessage } = messageImprint
  if (hashAlgorithm.algorithmId !== SHA_256 || !Buffer.from(hashedMessage.getValue()).equals(imprintOf(text)))
    throw new Error('the stamp is of another text')
  if (nonce && !Buffer.from(answered?.valueBlock.valueHexView ?? []).equals(nonce))
    throw new Error('the answer is to another request')

  const { signerCertificate, signatureVerified } = await signed
    .verify({
      signer: 0,
      data: toArrayBuffer(Buffer.from(text)),
      extendedMode: true,
      checkDate: genTime,
      ...(trusted && { checkChain: true, trustedCerts: [...trusted] }),
    })
    .catch(error => {
      throw new Error(`the signature of the stamp does not hold: ${error.message}`)
    })
  if (!signatureVerified || !signerCertificate) throw new Error('the signature of the stamp does not hold')
  if (!isForStamps(signerCertificate)) throw new Error('its certificate is not one for time stamps')
  const { subject } = new X509Certificate(Buffer.from(signerCertificate.toSchema().toBER()))
  return { time: genTime.getTime(), authority: subject.replaceAll('\n', ', ') }
}

/** @throws Error naming the file where it holds no certificates in PEM */
export function readCertificates(file: string): Certificate[] {
  const blocks = readFileSync(file, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  )
  if (!blocks) throw new Error(`there is no certificate in ${file}`)
  return blocks.map(block => Certificate.fromBER(toArrayBuffer(new X509Certificate(block).raw)))
}

function isForStamps({ extensions = [] }: Certificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)
  return (usage?.parsedValue as ExtKeyUsage | undefined)?.keyPurposes.includes(TIME_STAMPING) ?? false
}

function imprintOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
