import { readFileSync } from 'node:fs'

/** PEM files of a TLS connection to a broker, and the name in its certificate where that is not its address. */
export interface TlsFiles {
  ca?: string
  certificate?: string
  key?: string
  serverName?: string
}

/**
 * What they hold, as Node's TLS takes it. Read for each connection: a renewed certificate needs no restart.
 * @throws Error that names the setting, never the file
 */
export function readTls({ ca, certificate, key, serverName }: TlsFiles = {}) {
  const read = (name: string, file: string | undefined) => {
    if (file === undefined) return undefined
    try {
      return readFileSync(file)
    } catch (error) {
      throw new Error(`tls.${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    }
  }
  return {
    ca: read('ca', ca),
    cert: read('certificate', certificate),
    key: read('key', key),
    ...(serverName !== undefined && { servername: serverName }),
  }
}
