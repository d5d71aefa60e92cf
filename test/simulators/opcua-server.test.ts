import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AccessLevelFlag,
  AttributeIds,
  type ClientSession,
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulateHistory } from '../../simulators/history.ts'
import { startOpcuaServer } from '../../simulators/opcua-server.ts'
import { log, registry, SEED, signals, stoppedAt } from './territory.ts'

const NOW = Date.parse('2026-03-11T10:17:23.456Z')

const points = [...registry.points.values()].filter(point => point.connection === 'opcua')
let folder: string
let server: Awaited<ReturnType<typeof startOpcuaServer>>
let client: OPCUAClient
let session: ClientSession

const nodeOf = (id: string) => {
  const { source } = registry.points.get(id)!
  return source.driver === 'opcua' ? source.opcua.node : ''
}
const value = (id: string) => ({ nodeId: nodeOf(id), attributeId: AttributeIds.Value })
const open = { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None }
const start = (security: Parameters<typeof startOpcuaServer>[0]['security'], name: string) =>
  startOpcuaServer({
    host: '127.0.0.1',
    port: 0,
    security,
    points,
    signals,
    pkiFolder: join(folder, name),
    clock: stoppedAt(NOW),
    log,
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-opcua-'))
  server = await start({ securityMode: 'None', securityPolicy: 'None' }, 'server')
  client = OPCUAClient.create({ ...open, endpointMustExist: false })
  await client.connect(`opc.tcp://127.0.0.1:${server.port}`)
  session = await client.createSession()
})

afterAll(async () => {
  await client.disconnect()
  await server.close()
  await rm(folder, { recursive: true })
})

test('a client reads what the history of the last full interval says, with its time', async () => {
  const history = new Map<string, { time: number; value: unknown }>()
  const span = { from: NOW - 600_000, to: NOW, stepMs: 0 }
  for await (const { points, times, values } of simulateHistory({ registry, seed: SEED, ...span })) {
    for (const [at, id] of points.entries()) history.set(id, { time: times[at]!, value: values[at] })
  }
  expect(points.length).toBeGreaterThan(5)
  const answers = await session.read(points.map(point => value(point.id)))
  for (const [at, { id }] of points.entries()) {
    const answer = answers[at]!
    expect(answer.statusCode, id).toBe(StatusCodes.Good)
    expect({ time: answer.sourceTimestamp!.getTime(), value: answer.value.value }, id).toEqual(
      history.get(id),
    )
  }
})

test('a subscription brings the value and its source timestamp', async () => {
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 100,
    publishingEnabled: true,
  })
  const { promise, resolve } = Promise.withResolvers<number>()
  const item = await subscription.monitor(
    value('station/comptage/vehicles'),
    { samplingInterval: 100, queueSize: 10 },
    TimestampsToReturn.Both,
  )
  item.on('changed', changed => resolve(changed.sourceTimestamp!.getTime()))
  expect(await promise).toBe(Date.parse('2026-03-11T10:17:00Z'))
  await subscription.terminate()
})

test('nothing can be written', async () => {
  const status = await session.write({
    ...value('foyer/gtb/index'),
    value: { value: { dataType: DataType.Double, value: 0 } },
  })
  expect(status).toBe(StatusCodes.BadNotWritable)
  const access = await session.read({ ...value('foyer/gtb/index'), attributeId: AttributeIds.AccessLevel })
  expect(access.value.value).toBe(AccessLevelFlag.CurrentRead)
})

test('signed and encrypted, for any client, beside another server; it closes within a second', async () => {
  const secured = await start({ securityMode: 'SignAndEncrypt', securityPolicy: 'Basic256Sha256' }, 'secured')
  const certificates = new OPCUACertificateManager({
    rootFolder: join(folder, 'client'),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  })
  const other = OPCUAClient.create({
    securityMode: MessageSecurityMode.SignAndEncrypt,
    securityPolicy: SecurityPolicy.Basic256Sha256,
    clientCertificateManager: certificates,
    endpointMustExist: false,
    connectionStrategy: { maxRetry: 0 },
  })
  await other.connect(`opc.tcp://127.0.0.1:${secured.port}`)
  const inside = await other.createSession()
  expect((await inside.read(value('foyer/gtb/index'))).statusCode).toBe(StatusCodes.Good)
  const begin = performance.now()
  await secured.close()
  expect(performance.now() - begin).toBeLessThan(1000)
  await other.disconnect()

  const plain = OPCUAClient.create({ ...open, endpointMustExist: false, connectionStrategy: { maxRetry: 0 } })
  await plain.connect(`opc.tcp://127.0.0.1:${server.port}`)
  await plain.disconnect()
})
