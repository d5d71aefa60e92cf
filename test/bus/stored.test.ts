import { expect, it, onTestFinished } from 'vitest'
import { encodeAcknowledgement } from '../../bus/acknowledgement.ts'
import { startBroker } from '../../bus/broker.ts'
import { connectBus } from '../../bus/client.ts'
import { encodeReadingBatch } from '../../bus/codec.ts'
import { watchStored } from '../../bus/stored.ts'
import { topics } from '../../bus/topics.ts'
import { type ReadingColumns, toColumns } from '../../model/reading.ts'
import { until } from '../e2e/until.ts'
import { readings, silentLog } from './fixtures.ts'

it('readings are told of once they are acknowledged, and not before', async () => {
  const broker = await startBroker({ host: '127.0.0.1', port: 0, log: silentLog })
  onTestFinished(() => broker.close())
  const bus = await connectBus({ url: broker.url, clientId: 'both', log: silentLog })
  onTestFinished(() => bus.close())
  await new Promise<void>(resolve => void bus.onConnect(resolve))
  const told: number[][] = []
  await watchStored(bus, ['indexes'], (stored: ReadingColumns) => told.push(stored.values as number[]))

  const send = (first: number, count: number, stream: 'indexes' | 'measures' = 'indexes') =>
    bus.publish(
      topics.readings('gw'),
      encodeReadingBatch({
        ...{ version: 1, sender: 'gw', run: 'r', sent: 0, backlog: false, first, stream },
        readings: toColumns(readings(first, count)),
      }),
    )
  const acknowledge = (upTo: number, ranges: [number, number][] = []) =>
    bus.publish(
      topics.acknowledgements('gw'),
      encodeAcknowledgement({ version: 1, stream: 'indexes', run: 'r', upTo, ranges, window: 1, time: 0 }),
    )
  await send(1, 2)
  await send(3, 2)
  await send(5, 1)
  await send(1, 5, 'measures')
  await acknowledge(1, [[3, 4]])
  await until(
    () => told.length,
    length => length === 1,
  )
  expect(told).toEqual([[3, 4]])
  await acknowledge(5)
  await until(
    () => told.length,
    length => length === 3,
  )
  expect(told).toEqual([[3, 4], [1, 2], [5]])
})
