import type { MqttPointSource, Point } from '../../../registry/registry.ts'
import type { Sample } from '../../driver.ts'

export interface Message {
  topic: string
  payload: Buffer
  /** The broker kept it: it is no news, however it looks. */
  retained: boolean
  /** When it arrived, ms UTC. */
  time: number
}

/** What a message says of points of the registry, and what in it cannot be read, in words that repeat. */
export interface Statement {
  samples: Sample[]
  problems: string[]
}

/** Understands the messages of one family of formats. Never throws for what a message holds. */
export interface Reader {
  /** The topic filters of its messages. */
  readonly filters: readonly string[]
  /** `undefined` for a message that is not for this reader. */
  read(message: Message): Statement | undefined
}

export interface MqttPoint {
  point: Point
  source: MqttPointSource
}

export function mqttPoint(point: Point): MqttPoint {
  if (point.source.driver !== 'mqtt') throw new Error(`${point.id} has no mqtt source`)
  return { point, source: point.source }
}

export function disconnected(points: readonly MqttPoint[]): Sample[] {
  return points.map(({ point }) => ({ point, value: null, quality: 'bad:disconnected' }))
}
