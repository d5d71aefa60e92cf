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
  const reads = new Map(ids.map(id => [id, new Collector<number>()]))
  closeLater(
    startConnections({
      registry: { points: new Map(points.map(point => [point.id, point])) } as unknown as Registry,
      gateway: { id: 'a-gateway', name: 'Gateway', connections: ids.map(id => modbusConnection({ id })) },
      folder: '',
      addresses: new Map(ids.map(id => [id, { host: '127.0.0.1', port: device.port }])),
      clock,
      log,
      deliver: (_samples, id) => reads.get(id)!.deliver([clock.now() % 1000]),
      onStatus: () => {},
    }),
  )
  for (const [index, id] of ids.entries()) {
    // A quarter of a second from one to the next, in slots of 20 ms.
    const phase = [0, 240, 500, 740][index]!
    // The first read is made as soon as there is a connection; a busy machine may be half a second late.
    const read = await reads.get(id)!.next(time => (time - phase + 1000) % 1000 < 500, 1)
    expect(read).toBeLessThan(1000)
  }
})
