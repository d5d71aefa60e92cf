import { X509Certificate } from 'node:crypto'
import { OPCUACertificateManager } from 'node-opcua'
import { applicationOf, listCertificates, subjectOf } from './trust-list.ts'

/** The library's store of certificates, which remembers what it found wrong with the one that a server showed last. */
export class ServerCertificates extends OPCUACertificateManager {
  readonly #folder: string
  #refused: { certificate: X509Certificate; status: string } | undefined

  constructor(folder: string) {
    super({
      rootFolder: folder,
      automaticallyAcceptUnknownCertificate: false,
      // Each connection reads the folders anew, and the library never ends the watchers of one that failed.
      disableFileWatchers: true,
    })
    this.#folder = folder
  }

  override async verifyCertificate(...args: Parameters<OPCUACertificateManager['verifyCertificate']>) {
    const status = await super.verifyCertificate(...args)
    const [certificate] = [args[0]].flat()
    this.#refused =
      status === 'Good' || !certificate
        ? undefined
        : { certificate: new X509Certificate(certificate), status }
    return status
  }

  /** The message of a connection that failed; where certificates are at fault, which and what to do. */
  async explain(message: string, now: number): Promise<string> {
    if (message.includes('server Certificate verification failed')) return this.#explainRefusal(message, now)
    if (!message.includes('BadSecurityChecksFailed')) return message
    const own = (await listCertificates(this.#folder)).find(({ state }) => state === 'own')
    return own
      ? `the server refuses the certificate of this gateway (${describe(own.certificate)}): have it trusted there; it is in ${own.file}`
      : message
  }

  async #explainRefusal(message: string, now: number): Promise<string> {
    if (!this.#refused) return message
    const { certificate, status } = this.#refused
    const { fingerprint256, validFromDate, validToDate } = certificate
    const shown = `its certificate (${describe(certificate)})`
    if (now < validFromDate.getTime() || now > validToDate.getTime()) {
      const from = validFromDate.toISOString().slice(0, 10)
      const to = validToDate.toISOString().slice(0, 10)
      return `${shown} is valid from ${from} to ${to}: have the server renew it, or set the clock of this machine`
    }
    if (status !== 'BadCertificateUntrusted') return `${shown} is refused: ${status}`
    const accept = `affluent trust accept ${fingerprint256.slice(0, 23).replaceAll(':', '')}`
    const application = applicationOf(certificate)
    const known = await listCertificates(this.#folder)
    const before = known.find(
      ({ state, certificate }) =>
        state === 'trusted' && application !== undefined && applicationOf(certificate) === application,
    )
    return before
      ? `${shown} is not the one that is trusted (SHA-256 ${before.certificate.fingerprint256}): ask who runs the server whether it was renewed; if it was, run: ${accept}`
      : `${shown} is not trusted yet: compare the fingerprint with what the server shows, then run: ${accept}`
  }
}

function describe(certificate: X509Certificate): string {
  return `${subjectOf(certificate)}, SHA-256 ${certificate.fingerprint256}`
}
