import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import { refuseUnfinished } from './archive/data-files.ts'
import type { Share } from './bus/share.ts'
import type { Fluids } from './fluids/fluids.ts'
import type { Clock } from './model/clock.ts'
import type { LiveRegistry } from './registry/live.ts'
import type { Registry } from './registry/registry.ts'
import type { Settings } from './registry/settings.ts'
import { createParts, type Keep } from './roles/parts.ts'
import type { Simulators } from './simulators/simulators.ts'
import { lazyStores } from './stores.ts'

export interface HubOptions {
  settings: Settings
  registry: Registry
  /** Where the registry comes from: it changes with them. */
  registryFiles: LiveRegistry
  version: string
  clock: Clock
  log: Logger
  /** Told of each step as it begins, and how far it is, 0 to 1, where that is known. */
  progress(step: string, done?: number): void
  /** Called when everything is to be loaded and started anew. */
  restart(): void
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

/**
 * Composes the hub, sink first, so that every part finds the next one ready: stores, broker, ingest, api,
 * fluids, rules, and the gateways last. Stops in the opposite order, so that nothing is sent to a part that is gone.
 * The code of a role is loaded only where it is played.
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { settings, registry, clock, log, progress, signal } = options
  refuseUnfinished(settings.data)
  mkdirSync(settings.data, { recursive: true })

  await using starting = new AsyncDisposableStack()
  const keep: Keep = part => {
    starting.defer(async () => {
      await part.close()
    })
    signal.throwIfAborted()
    return part
  }

  // A store is closed after the last part that uses it.
  let share: Share | undefined
  const mayCommit = () => share?.holds() ?? true
  const stores = lazyStores({ settings, registry, clock, log, mayCommit, expires: true, keep })

  progress('Opening the stores')
  const { roles } = settings
  const broker = roles.has('broker')
    ? keep(await (await import('./bus/broker.ts')).startBroker({ ...settings.mqtt, log }))
    : undefined
  const parts = createParts(options, { stores, keep, brokerUrl: broker?.url })

  const ingest = roles.has('ingest')
    ? await (await import('./roles/ingest.ts')).startIngestRole(parts, opened => (share = opened))
    : undefined
  let simulators: Simulators | undefined
  let fluids: Fluids | undefined
  const restated = (meter: string) => fluids?.restated(meter)
  // Whatever listens comes before the history, so that a port in use is told at once.
  const publication = roles.has('api')
    ? await (await import('./roles/publication.ts')).openPublicationRole(parts)
    : undefined
  const api = publication
    ? await (await import('./roles/api.ts')).startApiRole(parts, ingest, {
        director: () => simulators?.director,
        restated,
        exclusions: async (...asked) => fluids?.exclusions(...asked),
        publication: publication.publication,
        proofLog: publication.proofLog,
      })
    : undefined
  simulators = roles.has('simulators')
    ? await (await import('./roles/simulators.ts')).startSimulatorsRole(parts)
    : undefined
  api?.askForecasts(simulators?.forecasts)
  fluids = roles.has('fluids')
    ? await (await import('./roles/fluids.ts')).startFluidsRole(parts, ingest)
    : undefined
  if (fluids) await (await import('./roles/derived.ts')).startDerivedOf(parts, fluids, () => api?.lastTest())
  if (roles.has('rules')) await (await import('./roles/rules.ts')).startRulesRole(parts, api?.notify)
  // A broker alone has nothing that a command could need.
  if (parts.plays('ingest', 'fluids', 'rules', 'api', 'simulators', 'gateway')) {
    const { startControlOf } = await import('./roles/control.ts')
    const { publisher } = publication ?? {}
    await startControlOf(parts, { changed: fluids?.changed ?? (() => {}), restated, simulators, publisher })
  }
  if (roles.has('gateway')) await (await import('./roles/gateway.ts')).startGatewayRole(parts, simulators)

  publication?.start(fluids)

  signal.throwIfAborted()
  const running = starting.move()
  return { url: api?.url, loginLink: api?.loginLink, close: () => running.disposeAsync() }
}
