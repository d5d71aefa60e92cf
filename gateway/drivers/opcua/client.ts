import {
  type ClientSession,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  setDefaultCertificateSubject,
  setErrorLogger,
  setWarningLogger,
} from 'node-opcua'
import type { Logger } from 'pino'
import { type Address, formatAddress } from '../../../model/address.ts'
import type { Clock } from '../../../model/clock.ts'
import type { OpcuaConnection } from '../../../registry/schema.ts'
import { explainLogin, identityOf } from './login.ts'
import { ServerCertificates } from './server-certificates.ts'
import { pkiFolder } from './trust-list.ts'

const CONNECT_MS = 10_000
const TRANSACTION_MS = 5000
const CLOSE_MS = 700

/**
 * A client that is connected, and that repairs its connection by itself from then on. Its certificate and
 * those that it trusts are in `<folder>/opcua`.
 * @throws Error that names the endpoint and says what to do.
 */
export async function connectClient(
  { url, securityMode, securityPolicy }: OpcuaConnection,
  { address, folder, clock, log }: { address?: Address; folder: string; clock: Clock; log: Logger },
): Promise<OPCUAClient> {
  const endpoint = address ? url.replace(/(?<=:\/\/)[^/]+/, formatAddress(address)) : url
  // The library has one logger for all its clients and prints what is no concern of an operator.
  setWarningLogger((...words) => log.debug(words.join(' ')))
  setErrorLogger((...words) => log.debug(words.join(' ')))
  setDefaultCertificateSubject('/O=Affluent')
  const certificates = new ServerCertificates(pkiFolder(folder))
  await certificates.initialize()
  const client = OPCUAClient.create({
    applicationName: 'Affluent gateway',
    clientCertificateManager: certificates,
    securityMode: MessageSecurityMode[securityMode],
    securityPolicy: SecurityPolicy[securityPolicy],
    // Servers behind a translated address announce another one than that by which they are reached.
    endpointMustExist: false,
    keepSessionAlive: true,
    defaultTransactionTimeout: TRANSACTION_MS,
    connectionStrategy: { maxRetry: -1, initialDelay: 500, maxDelay: 30_000, randomisationFactor: 0.5 },
  })
  try {
    await firstConnection(client, endpoint)
    return client
  } catch (error) {
    await closeClient(client)
    const { message } = error as Error
    throw new Error(`cannot connect to ${endpoint}: ${await certificates.explain(message, clock.now())}`)
  }
}

/** @throws Error that says what is wrong with the login. */
export async function openSession(
  client: OPCUAClient,
  { url, login }: Pick<OpcuaConnection, 'url' | 'login'>,
): Promise<ClientSession> {
  try {
    return await client.createSession(identityOf(login))
  } catch (error) {
    const { message } = error as Error
    throw new Error(`cannot open a session on ${url}: ${explainLogin(message, login) ?? message}`)
  }
}

/** The supervised loop, not the library, repeats the first connection: it shows why it fails. */
async function firstConnection(client: OPCUAClient, endpoint: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${CONNECT_MS} ms`)), CONNECT_MS)
  client.once('backoff', () => reject(new Error('nobody answers there')))
  try {
    await Promise.race([client.connect(endpoint), promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Bounded: a server that is gone does not answer a goodbye. What is under way goes first, since the library
 * fails an assertion, outside of any call, when an answer finds its session closed.
 */
export async function closeClient(
  client: OPCUAClient,
  underWay: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const bound = new Promise<void>(resolve => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  const closed = underWay
    .catch(() => {})
    .then(() => client.disconnect())
    .catch(() => {})
  await Promise.race([closed, bound])
  clearTimeout(timer)
}
