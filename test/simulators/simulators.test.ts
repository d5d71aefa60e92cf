import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRegistry } from '../../registry/load.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Connection } from '../../registry/schema.ts'
import { simulateHistory } from '../../simulators/history.ts'
import { startSimulators } from '../../simulators/simulators.ts'
import { log, registry, SEED, stoppedAt } from './territory.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-simulators-'))
})
afterAll(() => rm(folder, { recursive: true }))

const start = (of: Registry, ports?: 'any') =>
  startSimulators({
    registry: of,
    seed: SEED,
    folder,
    ports,
    clock: stoppedAt(Date.UTC(2026, 2, 11)),
    log,
  })

/** The registry with its connections changed. */
function moved(change: (connection: Connection) => Connection): Registry {
  const gateways = [...registry.gateways].map(
    ([id, gateway]) => [id, { ...gateway, connections: gateway.connections.map(change) }] as const,
  )
  return { ...registry, gateways: new Map(gateways) }
}

test('there is a server for each connection, until they are closed', async () => {
  const simulators = await start(registry)
  expect([...simulators.addresses.keys()]).toEqual(['modbus', 'opcua'])
  for (const { host, port } of simulators.addresses.values()) {
    const socket = connect(port, host)
    await once(socket, 'connect')
    socket.destroy()
  }
  await simulators.close()
  for (const { host, port } of simulators.addresses.values()) {
    await expect(once(connect(port, host), 'connect')).rejects.toThrow('ECONNREFUSED')
  }
})

test.each(['modbus', 'opcua'])('a port in use is named, with the connection: %s', async id => {
  const other = createServer()
  await once(other.listen(0, '127.0.0.1'), 'listening')
  const { port } = other.address() as AddressInfo
  const taken = moved(connection => {
    if (connection.id !== id) return connection
    return connection.driver === 'modbus'
      ? { ...connection, port }
      : { ...connection, url: `opc.tcp://127.0.0.1:${port}` }
  })
  await expect(start(taken)).rejects.toThrow(`${id}: cannot simulate 127.0.0.1:${port}: the port is in use`)
  const elsewhere = await start(taken, 'any')
  expect(elsewhere.addresses.get(id)!.port).not.toBe(port)
  await elsewhere.close()
  other.close()
})

test.each(['192.0.2.7', 'meter.example.org', '0.0.0.0'])('nothing pretends to be %s', async host => {
  const remote = moved(connection => (connection.driver === 'modbus' ? { ...connection, host } : connection))
  await expect(start(remote)).rejects.toThrow(`modbus: ${host}:0 is not simulated`)
})

test('what speaks through a broker has neither a simulator nor a simulated past', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-simulators-'))
  for (const name of ['base.yaml', 'mqtt-good.yaml'])
    await copyFile(join(import.meta.dirname, '..', 'registry', 'testdata', name), join(folder, name))
  const foreign = await loadRegistry(folder)
  await rm(folder, { recursive: true })
  const simulators = await start(foreign, 'any')
  expect([...simulators.addresses.keys()]).toEqual(['base'])
  await simulators.close()
  const from = Date.UTC(2026, 2, 11)
  const chunks = await Array.fromAsync(
    simulateHistory({ registry: foreign, seed: SEED, from, to: from + 3_600_000 }),
  )
  const points = new Set(chunks.flatMap(({ points }) => points))
  expect([...points].every(point => foreign.points.get(point)!.connection === 'base')).toBe(true)
})
