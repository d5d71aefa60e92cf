import {
  AttributeIds,
  type ClientMonitoredItemBase,
  ClientMonitoredItemGroup,
  type ClientSession,
  ClientSubscription,
  type DataValue,
  TimestampsToReturn,
} from 'node-opcua'
import { MINUTE_MS } from '../../../model/time.ts'
import type { Point } from '../../../registry/registry.ts'
import { nodeOf } from './nodes.ts'

/** For so long a server keeps the subscription, and what was sampled, for a client that is away. */
export const LIFETIME_MS = 10 * MINUTE_MS
const SLOWEST_PUBLISHING_MS = 1000
const KEEP_ALIVE_MS = 10_000
const LONGEST_QUEUE = 1000

export interface Subscription {
  /** How often the server looks at the point, ms; undefined for one that it refuses to monitor. */
  samplingMs(point: Point): number | undefined
}

/** Creates one subscription with an item a point, sampled at the point's interval. */
export async function subscribe(
  session: ClientSession,
  points: readonly Point[],
  { changed, ended }: { changed: (point: Point, value: DataValue) => void; ended: (error: Error) => void },
): Promise<Subscription> {
  const publishing = Math.min(SLOWEST_PUBLISHING_MS, ...points.map(point => point.interval))
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: publishing,
    requestedMaxKeepAliveCount: Math.ceil(KEEP_ALIVE_MS / publishing),
    requestedLifetimeCount: Math.ceil(LIFETIME_MS / publishing),
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  })
  await new Promise<void>((resolve, reject) => {
    subscription.on('started', () => resolve())
    subscription.on('error', reject)
  })
  subscription.on('terminated', () => ended(new Error('the server ended the subscription')))
  subscription.on('internal_error', ended)
  const items = new Map<Point, ClientMonitoredItemBase>()
  for (const [interval, group] of Map.groupBy(points, point => point.interval)) {
    const monitored = await monitor(subscription, group, interval, changed)
    for (const [index, item] of monitored.entries()) items.set(group[index]!, item)
  }
  return {
    samplingMs: point => items.get(point)?.result?.revisedSamplingInterval || undefined,
  }
}

function monitor(
  subscription: ClientSubscription,
  points: readonly Point[],
  interval: number,
  changed: (point: Point, value: DataValue) => void,
): Promise<ClientMonitoredItemBase[]> {
  const group = ClientMonitoredItemGroup.create(
    subscription,
    points.map(point => ({ nodeId: nodeOf(point), attributeId: AttributeIds.Value })),
    {
      samplingInterval: interval,
      queueSize: Math.min(LONGEST_QUEUE, Math.ceil(LIFETIME_MS / interval) + 1),
      discardOldest: true,
    },
    TimestampsToReturn.Both,
  )
  group.on('changed', (_item, value, index) => changed(points[index]!, value))
  return new Promise((resolve, reject) => {
    group.on('initialized', () => resolve(group.monitoredItems))
    group.on('err', message => reject(new Error(`monitored items were refused: ${message}`)))
  })
}
