import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

/** The lower-case hex SHA-256 of the public key in DER (SPKI), by which people name it. */
export function fingerprintOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex')
}

/** A new private key: PKCS #8, DER. */
export function makeLogKey(): Buffer {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
}

export function readLogKey(key: Buffer): KeyObject {
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** PEM (SPKI). */
export function writePublicKey(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}

/** Undefined for what is no Ed25519 key in PEM. */
export function readPublicKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: pem, format: 'pem', type: 'spki' })
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
