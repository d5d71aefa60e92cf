import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageSecurityMode, OPCUACertificateManager, OPCUAServer, SecurityPolicy } from 'node-opcua'
import { afterAll, describe, expect, it } from 'vitest'
import { createDriver } from '../../../../gateway/drivers/opcua/opcua.ts'
import { listCertificates, moveCertificate, pkiFolder } from '../../../../gateway/drivers/opcua/trust-list.ts'
import type { OpcuaConnection } from '../../../../registry/schema.ts'
import { closeLater } from '../../../close-later.ts'
import { runAffluent } from '../../../e2e/command-line.ts'
import { findPeer, peerProgram } from '../../../peers/cache.ts'
import { type AsyncuaSecurity, startAsyncua } from '../../../peers/python.ts'
import { Collector, clock, log, told } from '../../collector.ts'
import { opcuaPoint } from '../../points.ts'

/** One data folder and one server's certificate for all tests: making keys takes a while. */
const data = mkdtempSync(join(tmpdir(), 'affluent-opcua-security-'))
const gatewayFolder = join(data, 'gateways', 'gw', 'drivers')
const serverFolder = mkdtempSync(join(tmpdir(), 'affluent-opcua-server-'))
afterAll(() => {
  for (const folder of [data, serverFolder]) rmSync(folder, { recursive: true, force: true })
})

const power = opcuaPoint('power', 'ns=2;s=Power')

async function startServer(security: Partial<AsyncuaSecurity> = {}, port = 0) {
  const policies = ['Basic256Sha256_SignAndEncrypt']
  const nodes = { 'ns=2;s=Power': { value: 12.5 } }
  return closeLater(await startAsyncua(nodes, port, { policies, folder: serverFolder, ...security }))
}

function driverFor(url: string, security: Partial<OpcuaConnection> = {}, now = clock.now) {
  return createDriver({
    connection: {
      id: 'a-connection',
      driver: 'opcua',
      url,
      securityMode: 'SignAndEncrypt',
      securityPolicy: 'Basic256Sha256',
      devices: [],
      ...security,
    },
    folder: gatewayFolder,
    clock: { ...clock, now },
    log,
  })
}

async function read(url: string, security: Partial<OpcuaConnection> = {}) {
  const session = await driverFor(url, security).connect()
  const samples = new Collector()
  await session.read([power], samples.deliver)
  await session.close()
  return told(samples.all)
}

/** What the message of a refused connection says to run. */
async function refusedBy(url: string, connect = () => driverFor(url).connect()): Promise<string> {
  return connect().then(
    () => {
      throw new Error('it was not refused')
    },
    (error: Error) => error.message,
  )
}

function trust(...args: string[]) {
  return runAffluent(['trust', ...args, '--data', data])
}

async function trustAll() {
  const folder = pkiFolder(gatewayFolder)
  for (const known of await listCertificates(folder))
    if (known.state === 'refused') await moveCertificate(folder, known, 'trusted')
}

describe.runIf(findPeer('python'))('the certificate of a server', () => {
  it('is refused while it is unknown, with its fingerprint and the command that accepts it', async () => {
    expect((await trust()).out).toBe('No gateway of this data folder has met a secured OPC-UA server yet.\n')
    const { url } = await startServer()
    const message = await refusedBy(url)
    const [, fingerprint, command] =
      /^cannot connect to \S+: its certificate \(.*, SHA-256 ([0-9A-F:]{95})\) is not trusted yet: .*, then run: affluent trust (accept [0-9A-F]{16})$/.exec(
        message,
      ) ?? []
    expect(fingerprint, message).toBeDefined()
    expect((await trust()).out).toMatch(new RegExp(`^gw +refused +.* +${fingerprint}$`, 'm'))

    expect(await trust(...command!.split(' '))).toMatchObject({ code: 0, err: '' })
    expect(await read(url)).toEqual(['power=12.5'])
    expect((await trust()).out).toMatch(new RegExp(`^gw +trusted +.* +${fingerprint}$`, 'm'))
    expect((await trust()).out).toMatch(/^gw +own +/m)

    expect(await trust('remove', fingerprint!)).toMatchObject({ code: 0, err: '' })
    expect(await refusedBy(url)).toContain('is not trusted yet')
  })

  it('is refused when it is another than the trusted one of the same application', async () => {
    const { url } = await startServer()
    await refusedBy(url)
    await trustAll()
    const folder = mkdtempSync(join(tmpdir(), 'affluent-opcua-impostor-'))
    closeLater({ close: async () => rmSync(folder, { recursive: true }) })
    const impostor = await startServer({ folder })
    const [trusted] = (await listCertificates(pkiFolder(gatewayFolder))).filter(
      ({ state }) => state === 'trusted',
    )
    expect(await refusedBy(impostor.url)).toContain(
      `is not the one that is trusted (SHA-256 ${trusted!.certificate.fingerprint256})`,
    )
  })

  it('that is no longer valid is said to be, with its dates', async () => {
    const server = await startServer({ folder: await makeExpired() })
    expect(await refusedBy(server.url)).toMatch(
      /is valid from 2020-01-01 to 2021-01-01: have the server renew it, or set the clock of this machine$/,
    )
  })

  it('that nobody knows is none to accept or to remove', async () => {
    expect(await trust('accept', '00112233')).toMatchObject({
      code: 2,
      err: 'no certificate that is refused begins with 00112233\n',
    })
    expect((await trust('accept', '0011')).err).toContain('at least the first 8 digits')
  })
})

describe("the gateway's own certificate", () => {
  it('is named, with its file, where a server does not trust it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'affluent-opcua-strict-'))
    closeLater({ close: async () => rmSync(folder, { recursive: true, maxRetries: 5 }) })
    const server = new OPCUAServer({
      ...{ port: 0, host: '127.0.0.1', hostname: '127.0.0.1' },
      securityModes: [MessageSecurityMode.SignAndEncrypt],
      securityPolicies: [SecurityPolicy.Basic256Sha256],
      serverCertificateManager: new OPCUACertificateManager({
        rootFolder: folder,
        disableFileWatchers: true,
      }),
    })
    await server.initialize()
    await server.start()
    closeLater({ close: () => server.shutdown(0) })
    const url = `opc.tcp://127.0.0.1:${server.endpoints[0]!.port}`
    await refusedBy(url)
    await trustAll()
    expect(await refusedBy(url)).toMatch(
      /: the server refuses the certificate of this gateway \(O=Affluent, CN=.*, SHA-256 [0-9A-F:]{95}\): have it trusted there; it is in .*\.pem$/,
    )
  })
})

describe.runIf(findPeer('python'))('security policies', () => {
  it.each([
    ['Basic256Sha256', 'SignAndEncrypt'],
    ['Basic256Sha256', 'Sign'],
    ['Aes128_Sha256_RsaOaep', 'SignAndEncrypt'],
    ['Aes256_Sha256_RsaPss', 'SignAndEncrypt'],
    ['Basic256', 'SignAndEncrypt'],
    ['Basic128Rsa15', 'SignAndEncrypt'],
  ] as const)('%s with %s reads what asyncua has', async (securityPolicy, securityMode) => {
    const policy = securityPolicy.replace('_Sha256_', 'Sha256')
    const { url } = await startServer({ policies: [`${policy}_${securityMode}`] })
    await driverFor(url, { securityPolicy, securityMode })
      .connect()
      .catch(() => {})
    await trustAll()
    expect(await read(url, { securityPolicy, securityMode })).toEqual(['power=12.5'])
  })
})

describe.runIf(findPeer('python'))('logging in', () => {
  it('by name and password reads; a wrong password and no login say what to check', async () => {
    const { url } = await startServer({ users: { hub: 'secret' } })
    await refusedBy(url)
    await trustAll()
    const login = { username: 'hub', password: 'secret' }
    expect(await read(url, { login })).toEqual(['power=12.5'])
    const wrong = driverFor(url, { login: { ...login, password: 'wrong' } })
    await expect(wrong.connect()).rejects.toThrow(
      /: the server refuses the login: check login\.username and login\.password$/,
    )
    await expect(driverFor(url).connect()).rejects.toThrow(
      /: the server lets nobody in without a name: give a login$/,
    )
  })

  it('by certificate reads; another certificate is refused', async () => {
    const [user, stranger] = [makeUser('user'), makeUser('stranger')]
    const { url } = await startServer({ userCertificates: [user.certificate] })
    await refusedBy(url)
    await trustAll()
    expect(await read(url, { login: user })).toEqual(['power=12.5'])
    await expect(driverFor(url, { login: stranger }).connect()).rejects.toThrow(
      /: the server refuses the login: check login\.certificate$/,
    )
    const absent = driverFor(url, { login: { ...user, key: join(data, 'absent') } })
    await expect(absent.connect()).rejects.toThrow('login.key cannot be read (ENOENT)')
  })
})

function openssl(...args: string[]): void {
  // Once it has made a certificate, the OPC-UA library leaves a configuration of its own in the environment.
  const env = { ...process.env, OPENSSL_CONF: undefined }
  const { status, stderr } = spawnSync(peerProgram('openssl'), args, { encoding: 'utf8', env })
  if (status !== 0) throw new Error(stderr)
}

function makeUser(name: string) {
  const files = { certificate: join(data, `${name}.pem`), key: join(data, `${name}.key`) }
  const out = ['-keyout', files.key, '-out', files.certificate]
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, ...out)
  return files
}

/** A folder with the certificate of a server that ended long ago. */
async function makeExpired(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-opcua-expired-'))
  closeLater({ close: async () => rmSync(folder, { recursive: true }) })
  const store = new OPCUACertificateManager({ rootFolder: join(folder, 'store'), disableFileWatchers: true })
  await store.initialize()
  const outputFile = join(folder, 'server.cert')
  await store.createSelfSignedCertificate({
    ...{ subject: '/CN=Old', applicationUri: 'urn:old', dns: [], outputFile },
    ...{ startDate: new Date('2020-01-01T00:00:00Z'), validity: 366 },
  })
  writeFileSync(join(folder, 'server.der'), new X509Certificate(readFileSync(outputFile)).raw)
  copyFileSync(store.privateKey, join(folder, 'server.pem'))
  return folder
}
