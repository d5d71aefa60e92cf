import { type ClientSession, MessageSecurityMode, type OPCUAClient, UserTokenType } from 'node-opcua'
import type { Logger } from 'pino'
import type { Clock } from '../../../model/clock.ts'
import type { OpcuaConnection } from '../../../registry/schema.ts'
import { closeClient, connectClient, openSession } from '../../drivers/opcua/client.ts'
import { orAborted } from '../or-aborted.ts'

/** What an endpoint of a server wants of its clients. */
export interface Endpoint {
  securityMode: string
  /** The last part of the policy's address: `Basic256Sha256`. */
  securityPolicy: string
  /** How a user may log in: `Anonymous`, `UserName`, `Certificate`, `IssuedToken`. */
  logins: string[]
}

/** How to reach a server; certificates are in `folder`, as the driver keeps them. */
export interface ServerPlace {
  connection: Pick<OpcuaConnection, 'url' | 'securityMode' | 'securityPolicy' | 'login'>
  folder: string
  clock: Clock
  log: Logger
  signal: AbortSignal
}

/** The endpoints of a server, which it tells without security. @throws as {@link connectClient} does. */
export async function listEndpoints(place: ServerPlace): Promise<Endpoint[]> {
  const connection = { ...place.connection, securityMode: 'None', securityPolicy: 'None' } as const
  return withClient({ ...place, connection }, async client =>
    (await client.getEndpoints()).map(({ securityMode, securityPolicyUri, userIdentityTokens }) => ({
      securityMode: MessageSecurityMode[securityMode],
      securityPolicy: securityPolicyUri?.split('#').at(-1) ?? 'None',
      logins: [...new Set((userIdentityTokens ?? []).map(({ tokenType }) => UserTokenType[tokenType]))],
    })),
  )
}

/** Does something in a session. @throws as {@link connectClient} and {@link openSession} do. */
export async function inSession<T>(
  place: ServerPlace,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  return withClient(place, async client => work(await openSession(client, place.connection)))
}

async function withClient<T>(
  { connection, folder, clock, log, signal }: ServerPlace,
  work: (client: OPCUAClient) => Promise<T>,
): Promise<T> {
  const whole: OpcuaConnection = { id: 'probe', driver: 'opcua', ...connection, devices: [] }
  const client = await orAborted(async () => {
    const connected = await connectClient(whole, { folder, clock, log })
    if (signal.aborted) await closeClient(connected)
    return connected
  }, signal)
  try {
    return await orAborted(() => work(client), signal)
  } finally {
    await closeClient(client)
  }
}
