import type { Logger } from 'pino'
import type { Bus } from '../bus/contract.ts'
import type { OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import type { Clock } from '../model/clock.ts'
import { isNewer, type Reading } from '../model/reading.ts'
import { DERIVED_SENDER } from '../registry/derived/derived.ts'
import { isMeasured, type Registry } from '../registry/registry.ts'
import type { ReadingStore } from '../store/readings.ts'
import type { Deriver } from './deriver.ts'

interface DerivedOptions {
  registry: Registry
  bus: Bus
  /** What was told in earlier lives. */
  readings: Pick<ReadingStore, 'latest'>
  derivers: readonly Deriver[]
  outboxFolder: string
  outboxLimits?: OutboxLimits
  clock: Clock
  log: Logger
}

export interface Derived {
  /** The hash of the registry is another one: its points are the same. */
  registryChanged(): void
  close(): Promise<void>
}

/**
 * Sends what the hub works out by itself as gateways send what they read: journalled, published, stored and
 * acknowledged. A deriver that fails is asked again and keeps no other from its turn.
 * @throws Error when the outbox cannot be opened.
 */
export async function startDerived(options: DerivedOptions): Promise<Derived> {
  const { registry, bus, readings, derivers, outboxFolder, outboxLimits, clock, log } = options
  await using starting = new AsyncDisposableStack()
  const outboxes = await openOutboxRuns<Reading>({ folder: outboxFolder, stream: 'measures', log })
  starting.defer(() => outboxes.close())
  const { current: outbox, earlier } = outboxes
  const sender = startSender({
    sender: DERIVED_SENDER,
    role: 'fluids',
    bus,
    outboxes: [outbox, ...earlier],
    outboxLimits,
    clock,
    log,
  })
  starting.defer(() => sender.close())
  const tellStatus = () => sender.setStatus({ role: 'fluids', registry: registry.hash })
  tellStatus()

  const points = [...registry.points.values()].filter(point => !isMeasured(point)).map(({ id }) => id)
  let told: Map<string, Reading> | undefined
  const working = new Map<Deriver, Promise<void>>()
  const failing = new Set<Deriver>()
  let closed = false

  async function work(deriver: Deriver): Promise<void> {
    // Without what was told before, a silence would begin anew with each life of the hub.
    told ??= new Map((await readings.latest(points)).map(reading => [reading.point, reading]))
    const last = told
    const derived = await deriver.derive(point => last.get(point))
    if (closed) return
    const now = clock.now()
    const news = derived
      .filter(({ point, time }) => isNewer(time, last.get(point)?.time ?? Number.NEGATIVE_INFINITY, now))
      .map(({ quality = 'good', ...rest }): Reading => ({ ...rest, quality, gatewayTime: now }))
    if (news.length > 0) outbox.append(news)
    for (const reading of news) last.set(reading.point, reading)
  }

  function turn(deriver: Deriver): void {
    if (working.has(deriver)) return
    const turning = work(deriver)
      .then(
        () => void failing.delete(deriver),
        error => {
          if (!failing.has(deriver)) log.warn({ err: error }, 'the hub cannot work out a point; trying again')
          failing.add(deriver)
        },
      )
      .finally(() => working.delete(deriver))
    working.set(deriver, turning)
  }

  const timers = derivers.map(deriver => setInterval(turn, deriver.intervalMs, deriver))
  for (const deriver of derivers) turn(deriver)
  starting.defer(async () => {
    closed = true
    for (const timer of timers) clearInterval(timer)
    await Promise.all(working.values())
  })
  const running = starting.move()
  return { registryChanged: tellStatus, close: () => running.disposeAsync() }
}
