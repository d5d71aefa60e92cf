import type { Logger } from 'pino'
import type { Address } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { Point } from '../registry/registry.ts'
import type { Connection } from '../registry/schema.ts'
import type { NodeBehaviour } from './opcua-server.ts'
import type { Signal } from './signals/instrument.ts'

/** Plays the devices of one connection: `gateway/drivers/<name>/simulator.ts` exports one by this name. */
export type StartSimulator<C extends Connection = Connection> = (options: {
  connection: C
  /** Port 0: any that is free. */
  at: Address
  points: readonly Point[]
  signals: ReadonlyMap<string, Signal>
  /** What of a point is shown at an instant, ms UTC. */
  behaviour: (point: Point, time: number) => NodeBehaviour
  /** Whether nobody listens now. */
  isRefusing: () => boolean
  clock: Clock
  log: Logger
}) => Promise<{ port: number; close(): Promise<void> }>
