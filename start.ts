import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { startApi } from './api/api.ts'
import { createLoginLink, needsLoginLink } from './api/auth/tokens.ts'
import { refuseUnfinished } from './archive/restore.ts'
import { startBroker } from './bus/broker.ts'
import { connectBus } from './bus/client.ts'
import type { Bus } from './bus/contract.ts'
import { lockFolder } from './bus/folder-lock.ts'
import { readInstance } from './bus/instance.ts'
import { statusWill } from './bus/sender.ts'
import { openShare, type Share } from './bus/share.ts'
import { watchStored } from './bus/stored.ts'
import { type RunOperation, startControl } from './control/server.ts'
import { startFluids } from './fluids/fluids.ts'
import { startGateway } from './gateway/gateway.ts'
import { startAlertIngest } from './ingest/alert-ingest.ts'
import { findChangedUnits } from './ingest/changed-units.ts'
import { importReadings } from './ingest/import.ts'
import { startIngest } from './ingest/ingest.ts'
import type { Clock } from './model/clock.ts'
import type { ReadingColumns } from './model/reading.ts'
import type { OperationParts } from './operations/operation.ts'
import { runOperation } from './operations/operations.ts'
import { createPublication } from './publication/publication.ts'
import type { Registry } from './registry/registry.ts'
import type { Role } from './registry/roles.ts'
import type { Settings } from './registry/settings.ts'
import { startNotify } from './rules/notify/notify.ts'
import { RULES_SENDER, startRules } from './rules/rules.ts'
import { finishFirstHistory, planFirstHistory } from './simulators/first-history.ts'
import { simulateHistory } from './simulators/history.ts'
import { startSimulators } from './simulators/simulators.ts'
import { lazyStores } from './stores.ts'

export interface HubOptions {
  settings: Settings
  registry: Registry
  version: string
  clock: Clock
  log: Logger
  /** Told of each step as it begins, and how far it is, 0 to 1, where that is known. */
  progress(step: string, done?: number): void
  /** Ends a start that is under way. */
  signal: AbortSignal
}

export interface Hub {
  /** Where the API and the console are, if this process serves them. */
  url?: string
  /** The one-time link that makes its opener the administrator, while there is none. */
  loginLink?: string
  close(): Promise<void>
}

const CONSOLE_FOLDER = fileURLToPath(new URL('dist/console', import.meta.url))

/**
 * Composes the hub, sink first, so that every part finds the next one ready: stores, broker, ingest, api,
 * fluids, rules, and the gateways last. Stops in the opposite order, so that nothing is sent to a part that is gone.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { settings, registry, version, clock, log, progress, signal } = options
  const plays = (...roles: Role[]) => roles.some(role => settings.roles.has(role))
  const at = (...names: string[]) => join(settings.data, ...names)
  refuseUnfinished(settings.data)
  mkdirSync(settings.data, { recursive: true })

  await using starting = new AsyncDisposableStack()
  const keep = <T extends { close(): unknown }>(part: T): T => {
    starting.defer(async () => {
      await part.close()
    })
    signal.throwIfAborted()
    return part
  }

  // A store is closed after the last part that uses it.
  const mayCommit = () => share?.holds() ?? true
  const stores = lazyStores({ settings, registry, clock, log, mayCommit, expires: true, keep })

  progress('Opening the stores')
  const broker = plays('broker') ? keep(await startBroker({ ...settings.mqtt, log })) : undefined
  const connect = async (name: string, will?: { topic: string; payload: string }): Promise<Bus> => {
    const { url = broker!.url, username, password, tls } = settings.mqtt
    const clientId = `affluent-${name}-${randomUUID().slice(0, 8)}`
    return keep(await connectBus({ url, clientId, username, password, tls, will, log }))
  }
  const willOf = (sender: string, role: string) =>
    statusWill({ sender, role, registry: registry.hash, time: clock.now() })

  const outboxLimits = settings.outbox
  const refusedPoints = async () => {
    const points = registry.points.values()
    const refused = await findChangedUnits(await stores.units(), points, await stores.readings())
    for (const [point, reason] of refused) log.error({ point }, `readings are set aside: ${reason}`)
    return refused
  }
  const shared = settings.store.kind === 'influxdb'
  const instance = settings.instance ?? readInstance(settings.data)
  const openShareOf = (role: Role, bus: Bus) => {
    // Whoever is at our own broker comes after us.
    const timing = { ...(!shared && broker && { listenMs: 0, settleMs: 0 }) }
    return openShare({ bus, role, member: `${role}-${instance}`, exclusive: !shared, clock, log, timing })
  }
  let share: Share | undefined
  const startSharedIngest = async () => {
    if (shared) holdFolder(at('ingest'), keep)
    const bus = await connect('ingest', willOf(`ingest-${instance}`, 'ingest'))
    const store = await stores.readings()
    share = openShareOf('ingest', bus)
    const senderOf = (point: string) => registry.points.get(point)?.gateway
    const senders = { ...share, registry: registry.hash, senderOf, retain: store.retain }
    return keep(
      await startIngest({
        bus,
        store,
        quarantine: await stores.quarantine(),
        queueBytes: settings.ingest.queue,
        refused: await refusedPoints(),
        share: senders,
        clock,
        log,
      }),
    )
  }
  const ingest = plays('ingest') ? await startSharedIngest() : undefined
  if (share && !shared && !broker) await refuseSecond(share, signal)

  let baseUrl = settings.publicBaseUrl
  // Whatever listens comes before the history, so that a port in use is told at once.
  const hub: Omit<Hub, 'close'> = {}
  if (plays('api')) {
    const bus = await connect('records')
    const alerts = keep(
      await startAlertIngest({
        bus,
        records: await stores.records(),
        quarantine: await stores.quarantine(),
        clock,
        log,
      }),
    )
    const opened = {
      readings: await stores.readings(),
      figures: await stores.figures(),
      records: await stores.records(),
      quarantine: await stores.quarantine(),
    }
    const api = keep(
      await startApi({
        ...settings.http,
        publicBaseUrl: settings.publicBaseUrl,
        registry,
        ...opened,
        bus: await connect('api'),
        alerts,
        publication: createPublication({
          registry,
          figures: opened.figures,
          clock,
          baseUrl: () => baseUrl,
        }),
        ingest,
        consoleFolder: CONSOLE_FOLDER,
        version,
        clock,
        log,
      }),
    )
    const told = { records: opened.records, folder: at('notify') }
    const notify = keep(await startNotify({ registry, bus: await connect('notify'), ...told, clock, log }))
    alerts.onStored(notify.tell)
    hub.url = api.url
    // With port 0 only the system knows the address.
    if (new URL(baseUrl).port === '0') baseUrl = api.url
    if (needsLoginLink(opened.records))
      hub.loginLink = createLoginLink({ records: opened.records, clock, baseUrl })
  }

  const { seed, historyMonths } = settings.simulators
  const simulators = plays('simulators')
    ? keep(await startSimulators({ registry, clock, seed, log, pkiFolder: at('simulators', 'pki') }))
    : undefined

  if (plays('simulators') && ingest) {
    const file = at('history.json')
    const plan = planFirstHistory({ file, registry, seed, months: historyMonths, now: clock.now() })
    if (plan) {
      const pace = (time: number) =>
        progress('Laying down history', (time - plan.from) / (plan.to - plan.from))
      const portions = simulateHistory({ registry, ...plan })
      const onDone = ({ times }: ReadingColumns) => pace(times.at(-1)!)
      const store = await stores.readings()
      const quarantine = await stores.quarantine()
      await importReadings({ store, name: plan.hash, portions, quarantine, clock, log, onDone, signal })
      pace(plan.to)
      finishFirstHistory(file, plan)
    }
  }

  let changed: OperationParts['changed'] = () => {}
  if (plays('fluids')) {
    const onProgress = (share: number) => progress('Computing consumption', share)
    onProgress(0)
    const opened = { readings: await stores.readings(), figures: await stores.figures() }
    const fluids = keep(await startFluids({ registry, ...opened, clock, log, onProgress }))
    changed = fluids.changed
    const note = (stored: ReadingColumns) => {
      for (const [i, point] of stored.points.entries())
        fluids.changed(point, stored.times[i]!, stored.times[i]!)
    }
    if (ingest) ingest.onStored(note)
    else await watchStored(await connect('fluids'), ['indexes'], note)
    // A store that is away is no reason not to start: fluids try again by themselves.
    await Promise.race([fluids.settled().catch(() => {}), once(signal, 'abort')])
  }

  if (plays('rules')) {
    const name = shared ? `rules-${instance}` : RULES_SENDER
    const bus = await connect('rules', willOf(name, 'rules'))
    keep(
      await startRules({
        registry,
        bus,
        share: shared ? openShareOf('rules', bus) : undefined,
        readings: await stores.readings(),
        outboxFolder: at('rules'),
        outboxLimits,
        clock,
        log,
      }),
    )
  }

  // A process that owns no store has nothing that a command could need.
  if (plays('ingest', 'fluids', 'rules', 'api')) {
    const elsewhere = () =>
      Promise.reject(new Error('figures and records belong to the process with the role api'))
    const owned = plays('api') ? stores : { ...stores, figures: elsewhere, records: elsewhere }
    const parts = { ...owned, settings, registry, clock, log, baseUrl: () => baseUrl, changed }
    const run: RunOperation = (...request) => runOperation(parts, ...request)
    keep(await startControl({ folder: settings.data, run, log }))
  }

  if (plays('gateway')) {
    for (const gateway of registry.gateways.values()) {
      if (settings.gateways && !settings.gateways.includes(gateway.id)) continue
      const bus = await connect(gateway.id, willOf(gateway.id, 'gateway'))
      const outboxFolder = at('gateways', gateway.id)
      keep(
        await startGateway({
          registry,
          gateway,
          bus,
          outboxFolder,
          outboxLimits,
          backlogRate: settings.outbox.backlogRate,
          syncIntervalMs: settings.outbox.syncInterval,
          addresses: simulators?.addresses,
          clock,
          log,
        }),
      )
    }
  }

  signal.throwIfAborted()
  const running = starting.move()
  return { ...hub, close: () => running.disposeAsync() }
}

/** Two processes of a role must not keep their data in one place. */
function holdFolder(folder: string, keep: (part: { close(): unknown }) => unknown): void {
  mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  keep({ close: lock.release })
}

/** A broker that is away is no reason not to start: who else is there is heard later. */
const LONGEST_LISTENING_MS = 5000

/** @throws Error when another process with an embedded store is at work at the broker. */
async function refuseSecond(share: Share, signal: AbortSignal): Promise<void> {
  const limit = setTimeout(LONGEST_LISTENING_MS, undefined, { signal }).catch(() => {})
  await Promise.race([share.listened, limit])
  const [other] = share.others()
  if (other)
    throw new Error(
      `${other} takes the readings of this broker already: with the embedded store there is one ingest ` +
        'process; stop one of the two, or point both at an InfluxDB (store.kind: influxdb)',
    )
}
