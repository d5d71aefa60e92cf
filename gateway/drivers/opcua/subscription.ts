import {
  AttributeIds,
  type ClientMonitoredItemBase,
  ClientMonitoredItemGroup,
  type ClientSession,
  ClientSubscription,
  DataChangeFilter,
  DataChangeTrigger,
  type DataValue,
  DeadbandType,
  TimestampsToReturn,
} from 'node-opcua'
import { MINUTE_MS } from '../../../model/time.ts'
import type { Point } from '../../../registry/registry.ts'
import type { OpcuaSource } from '../../../registry/schema.ts'
import { inRequests, sourceOf } from './nodes.ts'
import { refusalOf } from './service-fault.ts'

/** For so long a server keeps the subscription, and what was sampled, for a client that is away. */
export const LIFETIME_MS = 10 * MINUTE_MS
const SLOWEST_PUBLISHING_MS = 1000
const KEEP_ALIVE_MS = 10_000
const LONGEST_QUEUE = 1000

/** With these a server says that it does not know who asks any more: the session is to be made anew. */
const SESSION_IS_OVER = /Session|SecureChannel/

/** The server answers, but gives no subscription: there is nothing to be had by connecting again. */
export class SubscriptionRefused extends Error {
  override readonly name = 'SubscriptionRefused'
}

export interface Subscription {
  /** How often the server looks at the point, ms; undefined for one that it refuses to monitor. */
  samplingMs(point: Point): number | undefined
}

export interface SubscriptionEvents {
  changed(point: Point, value: DataValue): void
  /** The server does not monitor a point as it was asked to: it is monitored otherwise, or only read. */
  refused(point: Point, reason: string): void
  ended(error: Error): void
}

/**
 * Creates one subscription with an item a point, sampled at the point's interval unless it says otherwise.
 * @throws SubscriptionRefused in words where the server denies subscriptions, or the items of a request altogether.
 */
export async function subscribe(
  session: ClientSession,
  points: readonly Point[],
  { changed, refused, ended }: SubscriptionEvents,
): Promise<Subscription> {
  const publishing = Math.min(SLOWEST_PUBLISHING_MS, ...points.map(samplingOf))
  const subscription = ClientSubscription.create(session, {
    requestedPublishingInterval: publishing,
    requestedMaxKeepAliveCount: Math.ceil(KEEP_ALIVE_MS / publishing),
    requestedLifetimeCount: Math.ceil(LIFETIME_MS / publishing),
    maxNotificationsPerPublish: 0,
    publishingEnabled: true,
  })
  await new Promise<void>((resolve, reject) => {
    subscription.on('started', () => resolve())
    subscription.on('error', error => reject(orRefused(error)))
  })
  const onTerminated = () => ended(new Error('the server ended the subscription'))
  subscription.on('terminated', onTerminated)
  subscription.on('internal_error', ended)
  const items = new Map<Point, ClientMonitoredItemBase>()
  const groups = (list: readonly Point[], deadband: boolean) =>
    [...Map.groupBy(list, point => JSON.stringify(parametersOf(point, deadband))).values()]
      .flatMap(inRequests)
      .map(points => ({ points, parameters: parametersOf(points[0]!, deadband) }))
  const monitored = (group: Group) =>
    monitor(subscription, group, changed).catch(async error => {
      // It is of no use without its items.
      subscription.removeListener('terminated', onTerminated)
      if (error instanceof SubscriptionRefused) await subscription.terminate()
      throw error
    })
  const withoutDeadband: Point[] = []
  for (const group of groups(points, true)) {
    for (const [index, item] of (await monitored(group)).entries()) {
      const point = group.points[index]!
      const status = item.statusCode
      if (!status?.isGood()) {
        if (group.parameters.deadband !== undefined && /Filter|Deadband/.test(status?.name ?? '')) {
          refused(point, `the server refuses the deadband (${status?.name}) and tells every change`)
          withoutDeadband.push(point)
        } else refused(point, `the server does not monitor it (${status?.name}): it is read at each interval`)
      }
      items.set(point, item)
    }
  }
  for (const group of groups(withoutDeadband, false)) {
    for (const [index, item] of (await monitored(group)).entries()) items.set(group.points[index]!, item)
  }
  return {
    samplingMs: point => items.get(point)?.result?.revisedSamplingInterval || undefined,
  }
}

interface Parameters {
  sampling: number
  queue: number
  deadband: OpcuaSource['deadband']
}

/** Points that are monitored in the same way. */
interface Group {
  points: readonly Point[]
  parameters: Parameters
}

function samplingOf(point: Point): number {
  return sourceOf(point).sampling ?? point.interval
}

function parametersOf(point: Point, hasDeadband: boolean): Parameters {
  const { queue, deadband } = sourceOf(point)
  const sampling = samplingOf(point)
  return {
    sampling,
    queue: queue ?? Math.min(LONGEST_QUEUE, Math.ceil(LIFETIME_MS / sampling) + 1),
    deadband: hasDeadband ? deadband : undefined,
  }
}

function filterOf(deadband: OpcuaSource['deadband']): DataChangeFilter | undefined {
  if (deadband === undefined) return undefined
  return new DataChangeFilter({
    trigger: DataChangeTrigger.StatusValue,
    deadbandType: typeof deadband === 'number' ? DeadbandType.Absolute : DeadbandType.Percent,
    deadbandValue: typeof deadband === 'number' ? deadband : Number(deadband.slice(0, -1)),
  })
}

function monitor(
  subscription: ClientSubscription,
  { points, parameters }: Group,
  changed: (point: Point, value: DataValue) => void,
): Promise<ClientMonitoredItemBase[]> {
  const group = ClientMonitoredItemGroup.create(
    subscription,
    points.map(point => ({ nodeId: sourceOf(point).node, attributeId: AttributeIds.Value })),
    {
      samplingInterval: parameters.sampling,
      queueSize: parameters.queue,
      discardOldest: true,
      filter: filterOf(parameters.deadband),
    },
    TimestampsToReturn.Both,
  )
  group.on('changed', (_item, value, index) => changed(points[index]!, value))
  return new Promise((resolve, reject) => {
    group.on('initialized', () => resolve(group.monitoredItems))
    group.on('terminated', (error?: Error) => error && reject(orRefused(error)))
  })
}

function orRefused(error: Error): Error {
  const status = refusalOf(error)?.name
  if (status === undefined || SESSION_IS_OVER.test(status)) return error
  return new SubscriptionRefused(
    `the server gives no subscription (${status}): its points are read at each interval`,
  )
}
