import { encodeReadingBatch } from '../../bus/codec.ts'
import { topics } from '../../bus/topics.ts'
import { type Reading, type ReadingColumns, toColumns } from '../../model/reading.ts'
import { encodePublish, type PublishPacket } from './packets.ts'

/** How the same readings are put into messages: our columns, JSON objects, or InfluxDB's line protocol. */
export type Format = 'columns' | 'objects' | 'lines'

export interface LoadSettings {
  format: Format
  readings: number
  readingsPerMessage: number
  /** Points, 10,000 unless told otherwise. */
  series?: number
}

/** The messages of one sender, in order. */
export interface Stream {
  sender: string
  /** The number of the first reading in them. */
  first: number
  packets: PublishPacket[]
  readingsPerMessage: number
}

export interface Load {
  streams: Stream[]
  readings: number
  /** The last reading of each sender: when all of these are stored, so is nearly all. */
  last: Reading[]
}

export const SENDERS = 20
export const SERIES = 10_000
/** Not so old that a gateway takes the source's clock for wrong. */
const START = Math.floor(Date.now() / 60_000) * 60_000 - 30 * 60_000
const STEP_MS = 10_000

/**
 * Readings of many series by 20 senders, one of each series every 10 s of source time. The first reading of
 * each series is a load of its own: a store that meets a series for the first time is not at its sustained pace.
 */
export function makeLoads(settings: LoadSettings): { warmUp: Load; measured: Load } {
  const { series = SERIES } = settings
  const steps = settings.readings / series
  if (!Number.isInteger(steps)) throw new Error(`readings must be a multiple of ${series}`)
  return { warmUp: makeLoad(settings, 0, 1), measured: makeLoad(settings, 1, 1 + steps) }
}

function makeLoad(settings: LoadSettings, from: number, to: number): Load {
  const { format, readingsPerMessage, series = SERIES } = settings
  const pointsPerSender = series / SENDERS
  const streams: Stream[] = []
  const last: Reading[] = []
  for (let sender = 0; sender < SENDERS; sender++) {
    const name = `gateway-${sender}`
    const packets: PublishPacket[] = []
    for (let step = from; step < to; step++) {
      for (let point = 0; point < pointsPerSender; point += readingsPerMessage) {
        const part = Array.from({ length: readingsPerMessage }, (_, i) => reading(sender, point + i, step))
        const first = step * pointsPerSender + point + 1
        packets.push(encodePublish(topicOf(format, name), encode(format, name, first, part)))
      }
    }
    streams.push({ sender: name, first: from * pointsPerSender + 1, packets, readingsPerMessage })
    last.push(reading(sender, pointsPerSender - 1, to - 1))
  }
  return { streams, readings: (to - from) * series, last }
}

function reading(sender: number, point: number, step: number): Reading {
  const time = START + step * STEP_MS
  return {
    point: pointOf(sender, point),
    time,
    value: ((sender * 7919 + point * 104_729 + step * 1_299_709) % 100_000) / 100,
    quality: 'good',
    gatewayTime: time + 20,
  }
}

export function pointOf(sender: number, point: number): string {
  return `site-${sender}-${point % 10}/meter-${Math.floor(point / 10)}/power`
}

export function topicOf(format: Format, sender: string): string {
  return format === 'columns' ? topics.readings(sender) : `bench/${sender}`
}

function encode(format: Format, sender: string, first: number, readings: Reading[]): string {
  switch (format) {
    case 'columns':
      return encodeReadingBatch({
        version: 1,
        sender,
        stream: 'measures',
        run: 'bench',
        first,
        sent: START,
        backlog: false,
        readings: toColumns(readings) satisfies ReadingColumns,
      })
    case 'objects':
      return JSON.stringify({ metrics: readings })
    case 'lines':
      return readings.map(toLine).join('\n')
  }
}

function toLine({ point, time, value, quality, gatewayTime }: Reading): string {
  return `reading,point=${point} value=${value},quality="${quality}",gatewayTime=${gatewayTime}i ${time}000000`
}
