import type { Logger } from 'pino'
import type { OperationContext } from '../control/server.ts'
import type { Clock } from '../model/clock.ts'
import type { Publisher } from '../publication/publisher.ts'
import type { RegistryState } from '../registry/live.ts'
import type { Registry } from '../registry/registry.ts'
import type { Settings } from '../registry/settings.ts'
import type { Simulators } from '../simulators/simulators.ts'
import type { Stores } from '../stores.ts'

/** What an operation works with: the parts of the running hub, or stores that a command has opened itself. */
export interface OperationParts extends Stores {
  settings: Settings
  registry: Registry
  /** How the registry that runs stands to its files, where a hub runs. */
  registryState?(): RegistryState
  clock: Clock
  log: Logger
  /** Where this process plays the devices. */
  simulators?: Simulators
  /** Of the software. */
  version: string
  /** Where a hub runs that publishes. */
  publisher?: Publisher
  /** Where browsers reach the hub. */
  baseUrl(): string
  /** Told of readings of a point that were stored beside ingest, from the first to the last time, ms UTC. */
  changed(point: string, first: number, last: number): void
  /** Told of a meter of which something else is stated than before. */
  restated(meter: string): void
}

/**
 * Work of a command that needs the stores. Arguments and result cross a socket as JSON; a path among the
 * arguments is absolute.
 */
export type Operation<A, R> = (parts: OperationParts, args: A, context: OperationContext) => Promise<R>
