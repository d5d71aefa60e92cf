import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Bus } from '../bus/contract.ts'
import { OUTBOX_LIMITS, type OutboxLimits } from '../bus/outbox-limits.ts'
import { openOutboxRuns } from '../bus/outbox-runs.ts'
import { startSender } from '../bus/sender.ts'
import { SENDING_LIMITS } from '../bus/sending.ts'
import type { Address } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { ConnectionStatus } from '../model/delivery.ts'
import type { Reading } from '../model/reading.ts'
import type { Registry } from '../registry/registry.ts'
import type { Gateway } from '../registry/schema.ts'
import { startConnections } from './connections.ts'
import { openGatewayClock } from './gateway-clock.ts'
import { createJournal } from './journal.ts'
import { openUndated } from './undated.ts'

/** A change of state is told at once; the times of the newest readings so often. */
const STATUS_INTERVAL_MS = 30_000
/** While the time is not known, it is looked for so often. */
const CLOCK_INTERVAL_MS = 2000
/** How far the clock of the next start may be behind without being noticed. */
const NOTE_INTERVAL_MS = 600_000

export interface GatewayOptions {
  registry: Registry
  gateway: Gateway
  bus: Bus
  /** Holds the journals, and in `drivers` what drivers keep, such as certificates. */
  outboxFolder: string
  outboxLimits?: OutboxLimits
  /** Readings of a backlog a second, at most. */
  backlogRate?: number
  /** How long readings may wait for the disk, ms; 0: not at all. */
  syncIntervalMs?: number
  /** Where connections lead in place of their own host and port, by connection id: simulators. */
  addresses?: ReadonlyMap<string, Address>
  clock: Clock
  /** Whether the machine's clock is right when it starts, unless it is behind what was known before. */
  isClockTrusted?: boolean
  /** The public key of the hub that it takes its registry from. */
  follows?: string
  log: Logger
}

export interface RunningGateway {
  /** Has its status say why it does not run the registry of the hub. */
  refusesRegistry(reason: string): void
  close(): Promise<void>
  /** Ends as a power cut would have it: nothing is noted, and what was read is as the disk has it. The bus was cut before. */
  cut(): Promise<void>
}

/**
 * Reads the devices of one gateway and journals every reading before anything is sent. Returns before any
 * device has answered: a connection that cannot be made holds up neither the others nor the start.
 * @throws Error when the outboxes cannot be opened.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { registry, gateway, bus, outboxFolder, outboxLimits, syncIntervalMs, addresses } = options
  const { backlogRate = SENDING_LIMITS.backlogRate, isClockTrusted = true, follows } = options
  const log = options.log.child({ gateway: gateway.id })
  let isCut = false
  await using starting = new AsyncDisposableStack()
  const openStream = async (stream: 'indexes' | 'measures') => {
    const runs = await openOutboxRuns<Reading>({ folder: outboxFolder, stream, log, syncIntervalMs })
    starting.defer(() => (isCut ? runs.abandon() : runs.close()))
    return runs
  }
  const { current: indexes, earlier: earlierIndexes } = await openStream('indexes')
  const { current: measures, earlier: earlierMeasures } = await openStream('measures')
  const clock = openGatewayClock({
    file: join(outboxFolder, 'clock.json'),
    clock: options.clock,
    isTrusted: isClockTrusted,
    log,
  })
  const undated = await openUndated({
    ...{ outboxFolder, clock, syncIntervalMs, log },
    maxBytes: outboxLimits?.maxBytes ?? OUTBOX_LIMITS.maxBytes,
  })
  let dating: Promise<void> | undefined
  starting.defer(async () => {
    await dating
    await undated?.close()
    if (!isCut) clock.note()
  })
  const sender = startSender({
    sender: gateway.id,
    role: 'gateway',
    bus,
    outboxes: [indexes, measures, ...earlierIndexes, ...earlierMeasures],
    limits: { backlogRate },
    outboxLimits,
    clock,
    log,
    onHubTime: time => {
      clock.hear(time)
      dateUndated()
    },
  })
  starting.defer(() => sender.close())

  const part = registry.gatewayParts.get(gateway.id)!
  const statuses: Record<string, ConnectionStatus> = {}
  let registryProblem: string | undefined
  const publishStatus = () =>
    sender.setStatus({
      role: 'gateway',
      registry: part.hash,
      registryProblem,
      follows,
      connections: structuredClone(statuses),
    })
  const statusTimer = setInterval(publishStatus, STATUS_INTERVAL_MS)
  /** Of a thousand connections many change together. */
  let changed: NodeJS.Immediate | undefined
  const publishSoon = () => {
    changed ??= setImmediate(() => {
      changed = undefined
      publishStatus()
    })
  }

  const journal = createJournal({
    ...{ indexes, measures, points: registry.points, clock, undated },
    clockOffset: () => sender.clockOffset,
  })
  let notDated: string | undefined
  const dateUndated = () => {
    if (!clock.isKnown) return
    dating ??= journal.dateUndated().catch((error: Error) => {
      if (error.message !== notDated) log.error({ err: error }, 'not dated yet: it is tried again')
      notDated = error.message
      dating = undefined
    })
  }
  dateUndated()
  const clockTimer = setInterval(() => {
    clock.look()
    dateUndated()
    if (!clock.isKnown) sender.askTime()
  }, CLOCK_INTERVAL_MS)
  const noteTimer = setInterval(clock.note, NOTE_INTERVAL_MS)

  const connections = startConnections({
    registry,
    gateway,
    folder: join(outboxFolder, 'drivers'),
    addresses,
    clock,
    log,
    deliver(samples, connection) {
      const newest = journal.keep(samples)
      if (newest !== undefined) statuses[connection]!.lastReading = newest
    },
    onStatus(status, connection) {
      statuses[connection] = { ...status, lastReading: statuses[connection]?.lastReading }
      publishSoon()
    },
  })

  starting.defer(async () => {
    for (const timer of [statusTimer, clockTimer, noteTimer]) clearInterval(timer)
    if (changed) clearImmediate(changed)
    await connections.close()
  })

  const running = starting.move()
  return {
    refusesRegistry(reason) {
      registryProblem = reason
      publishStatus()
    },
    close: () => running.disposeAsync(),
    cut() {
      isCut = true
      return running.disposeAsync()
    },
  }
}
