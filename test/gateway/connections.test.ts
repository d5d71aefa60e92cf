import { expect, it } from 'vitest'
import { startConnections } from '../../gateway/connections.ts'
import type { Registry } from '../../registry/registry.ts'
import { closeLater } from '../close-later.ts'
import { Collector, clock, log } from './collector.ts'
import { registers, startDevice } from './drivers/modbus/device.ts'
import { modbusConnection, modbusPoint } from './points.ts'

it('the connections of a gateway ask their devices one after the other, spread over a second', async () => {
  const device = closeLater(await startDevice((request, reply) => reply(registers(request, [1]))))
  const ids = ['a', 'b', 'c', 'd']
  const points = ids.map(id => ({ ...modbusPoint(id), id, connection: id }))
  const asked = new Collector<string>()
  const start = 1_800_000_000_000
  let now = start
  closeLater(
    startConnections({
      registry: { points: new Map(points.map(point => [point.id, point])) } as unknown as Registry,
      gateway: {
        id: 'a-gateway',
        name: 'Gateway',
        connections: ids.map(id => modbusConnection({ id, timeout: 10_000 })),
      },
      folder: '',
      addresses: new Map(ids.map(id => [id, { host: '127.0.0.1', port: device.port }])),
      clock: { ...clock, now: () => now },
      log,
      deliver: (_samples, id) => asked.deliver([id]),
      onStatus: () => {},
    }),
  )
  // Each once as soon as there is a connection.
  for (const id of ids) await asked.next(each => each === id)
  // A quarter of a second from one to the next, in slots of 20 ms; the clock of the test stands still in between.
  const due = { b: 240, c: 500, d: 740, a: 1000 }
  for (const [id, phase] of Object.entries(due)) {
    now = start + phase
    await asked.next(each => each === id, ids.length)
  }
  expect(asked.all.slice(ids.length)).toEqual(Object.keys(due))
})
