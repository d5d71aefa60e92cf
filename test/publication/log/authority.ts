import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../bus/fixtures.ts'
import { peerProgram } from '../../peers/cache.ts'

const CONFIG = `
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = Racine d'essai
[ root ]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[ stamps ]
extendedKeyUsage = critical, timeStamping
[ other ]
extendedKeyUsage = serverAuth
[ tsa ]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
`

/** An authority of openssl (RFC 3161), with a root of its own. */
export interface Authority {
  folder: string
  /** The root, PEM. */
  root: string
  openssl(...args: string[]): string
  /** The answer to a request, both DER. */
  answer(request: Buffer): Buffer
}

export function makeAuthority(): Authority {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync(peerProgram('openssl'), args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'tsa.cnf']
  writeFileSync(at('tsa.cnf'), CONFIG)
  writeFileSync(at('serial'), '01')
  openssl('req', '-x509', '-new', ...newKey, '-keyout', 'root.key', '-out', 'root.pem', '-extensions', 'root')
  for (const use of ['stamps', 'other']) {
    openssl('req', '-new', ...newKey, '-keyout', `${use}.key`, '-out', `${use}.csr`, '-subj', `/CN=${use}`)
    const signer = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '30']
    const extensions = ['-extfile', 'tsa.cnf', '-extensions', use]
    openssl('x509', '-req', '-in', `${use}.csr`, '-out', `${use}.pem`, ...signer, ...extensions)
  }
  return {
    folder,
    root: at('root.pem'),
    openssl,
    answer(request) {
      writeFileSync(at('request.tsq'), request)
      const files = ['-queryfile', 'request.tsq', '-signer', 'stamps.pem', '-inkey', 'stamps.key']
      openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', ...files, '-out', 'answer.tsr')
      return readFileSync(at('answer.tsr'))
    },
  }
}

/** Serves an authority over HTTP; answers its first requests with these statuses in place of stamps. */
export async function serveAuthority(authority: Authority, ...failures: number[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const query = await buffer(request)
    const failure = failures.shift()
    if (failure !== undefined) return response.writeHead(failure).end()
    response.setHeader('Content-Type', 'application/timestamp-reply').end(authority.answer(query))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
