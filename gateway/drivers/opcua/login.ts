import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type UserIdentityInfo, UserTokenType } from 'node-opcua'
import type { OpcuaConnection } from '../../../registry/schema.ts'

/**
 * Who the gateway is to the server, as the library takes it. Files are read for each connection: a renewed
 * certificate needs no restart.
 * @throws Error that names the setting, never the file
 */
export function identityOf(login: OpcuaConnection['login']): UserIdentityInfo {
  if (!login) return { type: UserTokenType.Anonymous }
  if ('username' in login) {
    return { type: UserTokenType.UserName, userName: login.username, password: login.password }
  }
  return {
    type: UserTokenType.Certificate,
    certificateData: derOf(readSetting('certificate', login.certificate)),
    privateKey: readSetting('key', login.key),
  }
}

/** What a refused login means, in words for the installer; undefined for any other failure. */
export function explainLogin(message: string, login: OpcuaConnection['login']): string | undefined {
  const isRefused = /BadIdentityToken|BadUserAccessDenied|BadUserSignatureInvalid/.test(message)
  const isUnknown = /user token policy/i.test(message)
  if (!isRefused && !isUnknown) return undefined
  if (!login) return 'the server lets nobody in without a name: give a login'
  const [kind, keys] =
    'username' in login ? ['name and password', 'username and password'] : ['certificate', 'certificate']
  return isUnknown
    ? `the server has no login by ${kind} for this securityMode`
    : `the server refuses the login: check login.${keys.replace(' and ', ' and login.')}`
}

function readSetting(name: 'certificate' | 'key', file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`login.${name} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function derOf(pem: string): Buffer {
  try {
    return new X509Certificate(pem).raw
  } catch {
    throw new Error('login.certificate is no PEM certificate')
  }
}
