import { encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { encodePublish, type PublishPacket } from '../load/packets.ts'
import { pointOf, SENDERS } from '../load/readings.ts'

export interface TrafficSettings {
  points: number
  readingsPerMessage: number
  /** Source time of step 0, ms UTC. */
  start: number
  stepMs: number
  /** Whether a reading is beyond the first limit of the rules. */
  isBeyond(place: Place, step: number): boolean
}

/** A message of each step: which one, and the point in it. */
export interface Place {
  message: number
  index: number
}

export interface Traffic {
  packets: PublishPacket[]
  /** Every change that the first rule is to tell of, and the packet whose reading makes it. */
  changes: Map<string, number>
}

/** Beyond the first limit, and under all others. */
export const FIRST_LIMIT = 100
const BEYOND = 100.5

export function changeKey(event: string, point: string): string {
  return `${event} ${point}`
}

/** One reading of every point a step, by 20 senders in turn, for the steps from `from` up to `to`. */
export function makeTraffic(settings: TrafficSettings, from: number, to: number): Traffic {
  const { points, readingsPerMessage, start, stepMs, isBeyond } = settings
  const pointsPerSender = points / SENDERS
  const messages = points / readingsPerMessage
  if (!Number.isInteger(pointsPerSender / readingsPerMessage))
    throw new Error(`points must be a multiple of ${SENDERS * readingsPerMessage}`)
  const traffic: Traffic = { packets: [], changes: new Map() }
  for (let step = from; step < to; step++) {
    const time = start + step * stepMs
    for (let message = 0; message < messages; message++) {
      const sender = message % SENDERS
      const offset = Math.floor(message / SENDERS) * readingsPerMessage
      const readings = Array.from({ length: readingsPerMessage }, (_, index): Reading => {
        const place = { message, index }
        const point = pointOf(sender, offset + index)
        const beyond = isBeyond(place, step)
        if (beyond !== (step > 0 && isBeyond(place, step - 1))) {
          const key = changeKey(beyond ? 'fired' : 'resolved', point)
          if (traffic.changes.has(key)) throw new Error(`${key} twice: it could not be told apart`)
          traffic.changes.set(key, traffic.packets.length)
        }
        const value = beyond ? BEYOND : ((message * 7919 + index * 104_729 + step * 1_299_709) % 9000) / 100
        return { point, time, value, quality: 'good', gatewayTime: time + 20 }
      })
      const first = step * pointsPerSender + offset + 1
      traffic.packets.push(encode(`gateway-${sender}`, first, readings))
    }
  }
  return traffic
}

function encode(sender: string, first: number, readings: Reading[]): PublishPacket {
  const payload = encodeReadingBatch({
    version: 1,
    sender,
    stream: 'measures',
    run: 'bench',
    first,
    sent: readings[0]!.time,
    backlog: false,
    readings: toColumns(readings),
  })
  return encodePublish(topics.readings(sender), payload)
}
