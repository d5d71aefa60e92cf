import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'
import { expect, it, onTestFinished } from 'vitest'
import { connectBus } from '../../bus/client.ts'
import { until } from '../e2e/until.ts'
import { recordingLog } from './fixtures.ts'

/** A broker that refuses the first subscriptions to a filter, as a cluster does while it chooses a leader. */
async function hesitantBroker(refusals: number) {
  let asked = 0
  const aedes = await Aedes.createBroker({
    authorizeSubscribe: (_client, subscription, answer) =>
      answer(null, subscription.topic === 'late' && asked++ < refusals ? null : subscription),
  })
  const server = createServer(aedes.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    aedes.close()
  })
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked }
}

it('a subscription that is refused at first is asked for again, on the same connection', async () => {
  const broker = await hesitantBroker(2)
  const { log, lines } = recordingLog()
  const bus = await connectBus({ url: broker.url, clientId: 'x', log })
  onTestFinished(() => bus.close())
  const heard: string[] = []
  await bus.subscribe('late', (_, payload) => heard.push(payload.toString()))
  await new Promise<void>(resolve => void bus.onConnect(resolve))
  await bus.publish('late', 'now')
  await until(
    () => heard.length,
    length => length === 1,
  )
  expect(broker.asked()).toBe(3)
  expect(lines.filter(line => line.includes('not granted'))).toEqual([])
})

it('one that stays refused is named', async () => {
  const broker = await hesitantBroker(Infinity)
  const { log, lines } = recordingLog()
  const bus = await connectBus({ url: broker.url, clientId: 'x', log })
  onTestFinished(() => bus.close())
  await bus.subscribe('late', () => {})
  await until(
    () => lines.join(''),
    text => text.includes('the broker refuses the subscription to late'),
  )
  expect(bus.connected).toBe(false)
})
