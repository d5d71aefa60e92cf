import type { Logger } from 'pino'
import type { Address } from '../model/address.ts'
import type { Clock } from '../model/clock.ts'
import type { QualityCode } from '../model/quality.ts'
import type { Value } from '../model/reading.ts'
import type { Point } from '../registry/registry.ts'
import type { Connection } from '../registry/schema.ts'

/**
 * What a protocol must be able to do. A driver knows its protocol and nothing else: no schedule, no
 * back-off, no journal. Polled protocols (Modbus, M-Bus, HTTP) have `read` only; those that speak by
 * themselves (OPC-UA, BACnet's COV) have `subscribe` as well, and are read where they stay silent.
 */
export interface Driver {
  /** One attempt, bounded in time. Rejects with an error in words for the installer. */
  connect(): Promise<Session>
}

/** One established connection. The same points are asked again and again: keep what was learnt of them in the driver. */
export interface Session {
  /**
   * Asks the devices now and delivers one sample a point, each as soon as it is known; a point that cannot
   * be read is a bad sample. Rejects only when the connection itself is of no use at the moment. Who cannot
   * ask (a foreign broker's devices speak when they like) leaves out what there is nothing new to say of. With a
   * `time`, a device that is slow leaves what it has no time for to the next read, so that others keep their intervals.
   */
  read(points: readonly Point[], deliver: Deliver, time?: ReadTime): Promise<void>
  /** Delivers the changes of points from now on. A point of which nothing is heard for an interval is read. */
  subscribe?(points: readonly Point[], deliver: Deliver): Promise<void>
  /** What the device denies the session as a whole, in words for the installer, where its points are served all the same. */
  readonly trouble?: string | undefined
  /** Resolves with the cause once the session is beyond use, closed or not, and never rejects. */
  readonly lost: Promise<Error>
  /** Bounded in time; never rejects; may be called again. */
  close(): Promise<void>
}

/** The time that one read has. */
export interface ReadTime {
  /** When points of the connection are due again, monotonic ms. */
  until: number
  /** Leaves points to the next read, because of `who`, in words for the installer. */
  leave(points: readonly Point[], who: string): void
}

export type Deliver = (samples: readonly Sample[]) => void

/** What a device said of a point, as the protocol tells it. The gateway makes a reading of it. */
export interface Sample {
  point: Point
  /** The source's own time, ms UTC; absent where the protocol has none: the moment of the answer holds. */
  time?: number
  /** In the point's unit. */
  value: Value
  quality: QualityCode
  /** Why there is no value, or a doubtful one, in words for the installer. */
  fault?: string
  /** It was kept back on its way, or is told again: that its time is old is no fault of a clock. */
  late?: boolean
}

/** Makes a driver; without I/O. */
export type CreateDriver<C extends Connection = Connection> = (context: DriverContext<C>) => Driver

export interface DriverContext<C extends Connection = Connection> {
  connection: C
  /** Where to connect in place of the connection's own host and port. */
  address?: Address
  /** A folder of the gateway for what drivers keep, such as certificates. */
  folder: string
  clock: Clock
  log: Logger
}
