import { X509Certificate } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'

/**
 * The certificates of servers that a gateway trusts or has refused, and its own, as files of the folder that the
 * OPC-UA library keeps them in (OPC 10000-12, file store).
 */

export const TRUST_STATES = ['own', 'trusted', 'refused'] as const
export type TrustState = (typeof TRUST_STATES)[number]

export interface KnownCertificate {
  state: TrustState
  file: string
  certificate: X509Certificate
}

const FOLDERS: Record<TrustState, string> = {
  own: join('own', 'certs'),
  trusted: join('trusted', 'certs'),
  refused: 'rejected',
}

/** Where the certificates are in the folder of a gateway's drivers. */
export function pkiFolder(folder: string): string {
  return join(folder, 'opcua')
}

/** All that can be read; a file that is no certificate is left out. Empty where no secured server was ever met. */
export async function listCertificates(folder: string): Promise<KnownCertificate[]> {
  const lists = TRUST_STATES.map(async state => {
    const path = join(folder, FOLDERS[state])
    const files = (await entriesOf(path)).filter(entry => entry.isFile())
    return Promise.all(files.map(({ name }) => readCertificate(state, join(path, name))))
  })
  return (await Promise.all(lists)).flat(2).filter(known => known !== undefined)
}

/** Has the next connection trust it, or refuse it again. */
export async function moveCertificate(
  folder: string,
  { file }: KnownCertificate,
  state: Exclude<TrustState, 'own'>,
): Promise<void> {
  const path = join(folder, FOLDERS[state])
  await mkdir(path, { recursive: true })
  await rename(file, join(path, basename(file)))
}

/** The address of the application that it was made for, which stays when a server renews its certificate. */
export function applicationOf({ subjectAltName }: X509Certificate): string | undefined {
  return /URI:([^,]+)/.exec(subjectAltName ?? '')?.[1]
}

/** `CN=Server, O=Maker` in one line. */
export function subjectOf({ subject }: X509Certificate): string {
  return subject.split('\n').join(', ')
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readCertificate(state: TrustState, file: string): Promise<KnownCertificate | undefined> {
  const content = await readFile(file)
  try {
    return { state, file, certificate: new X509Certificate(content) }
  } catch {
    return undefined
  }
}
