import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'

export interface Authority {
  /** Its own certificate. */
  certificate: string
  /** A certificate that it has signed, with its key; `names` as in `DNS:hub.example` or `IP:127.0.0.1`. */
  issue(name: string, names?: readonly string[]): { certificate: string; key: string }
}

/** An authority with its files in a folder, all PEM and readable by other users, as brokers drop their rights. */
export function createAuthority(folder: string, name: string): Authority {
  const at = (file: string) => join(folder, file)
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync(peerProgram('openssl'), args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`)
  }
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  chmodSync(folder, 0o755)
  const [certificate, key] = [at(`${name}.pem`), at(`${name}.key`)]
  openssl('req', '-x509', ...newKey, '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`)
  return {
    certificate,
    issue(subject, names = []) {
      const own = { certificate: at(`${subject}.pem`), key: at(`${subject}.key`) }
      const [request, extensions] = [at(`${subject}.csr`), at(`${subject}.ext`)]
      writeFileSync(extensions, names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '')
      openssl('req', ...newKey, '-keyout', own.key, '-out', request, '-subj', `/CN=${subject}`)
      const signer = ['-CA', certificate, '-CAkey', key, '-CAcreateserial']
      openssl('x509', '-req', '-in', request, ...signer, '-extfile', extensions, '-out', own.certificate)
      chmodSync(own.key, 0o644)
      return own
    },
  }
}
