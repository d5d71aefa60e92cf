import { describe, expect, it } from 'vitest'
import { decodeAcknowledgement, encodeAcknowledgement } from '../../bus/acknowledgement.ts'
import { decodeAlertBatch, encodeAlertBatch } from '../../bus/alert-codec.ts'
import { decodeReadingBatch, encodeReadingBatch } from '../../bus/codec.ts'
import { MalformedBatchError } from '../../bus/envelope.ts'
import type { AlertEvent } from '../../model/alert.ts'
import type { Acknowledgement, AlertBatch, Gap, ReadingBatch } from '../../model/delivery.ts'
import { type Reading, toColumns } from '../../model/reading.ts'
import { readings } from './fixtures.ts'

const batch: ReadingBatch = {
  version: 1,
  sender: 'gateway-north',
  stream: 'measures',
  run: 'run-1',
  first: 11,
  sent: Date.UTC(2026, 10, 22),
  backlog: false,
  readings: toColumns(readings(1, 4)),
}
const carried = { stream: 'measures', run: 'run-1', first: 11, count: 4 }

/** Decodes the batch with some fields changed; the columns with one place changed. */
const decodeWith = (fields: object) => decodeReadingBatch(JSON.stringify({ ...batch, ...fields }))
const decodeEntry = (entry: Partial<Record<keyof Reading, unknown>>) => {
  const entries = readings(1, 4) as Record<keyof Reading, unknown>[]
  entries[2] = { ...entries[2]!, ...entry }
  return decodeWith({ readings: toColumns(entries as unknown as Reading[]) })
}
const malformed = (decode: () => unknown): MalformedBatchError => {
  try {
    decode()
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedBatchError)
    return error as MalformedBatchError
  }
  throw new Error('it was accepted')
}

describe('a batch of readings', () => {
  it('comes back as it was', () => {
    const gap: Gap = { range: [1, 10], from: 5, to: 9, counts: { 'a/b/c': 10 }, reason: 'outbox-full' }
    for (const sent of [batch, { ...batch, backlog: true, gaps: [gap] }]) {
      expect(decodeReadingBatch(Buffer.from(encodeReadingBatch(sent)))).toEqual({
        batch: sent,
        numbers: [11, 12, 13, 14],
        count: 4,
        rejected: [],
      })
    }
  })

  it('is decoded once for all who hear the same message', () => {
    const [message, same] = [encodeReadingBatch(batch), encodeReadingBatch(batch)].map(text =>
      Buffer.from(text),
    )
    const first = decodeReadingBatch(message!)
    expect(decodeReadingBatch(message!)).toBe(first)
    const again = decodeReadingBatch(same!)
    expect(again).not.toBe(first)
    expect(again).toEqual(first)
  })

  it.each<[Partial<Record<keyof Reading, unknown>>]>([
    [{ value: null, quality: 'bad' }],
    [{ value: null, quality: 'bad:timeout' }],
    [{ value: 'ouvert' }],
    [{ value: false }],
    [{ value: -0.5, quality: 'uncertain:clock' }],
    [{ value: 'x'.repeat(256) }],
    [{ time: 0 }],
  ])('takes the reading %j', entry => {
    expect(decodeEntry(entry).rejected).toEqual([])
  })

  it.each<[string, Partial<Record<keyof Reading, unknown>>]>([
    ['point', { point: 'Collège/meter/index' }],
    ['point', { point: 'college/meter' }],
    ['point', { point: 7 }],
    ['time', { time: 1.5 }],
    ['time', { time: -1 }],
    ['time', { time: null }],
    ['time', { time: '2026-11-22' }],
    ['time', { time: Date.UTC(2100, 0, 1) }],
    ['gatewayTime', { gatewayTime: 1.5 }],
    ['value', { value: 5, quality: 'bad' }],
    ['value', { value: null }],
    ['value', { value: null, quality: 'uncertain' }],
    ['value', { value: { a: 1 } }],
    ['value', { value: 'x'.repeat(257) }],
    ['quality', { quality: 'excellent' }],
    ['quality', { quality: 'good:whatever' }],
    ['quality', { quality: null }],
  ])('leaves out a reading whose %s is wrong, and that one only: %j', (field, entry) => {
    const { batch: sound, numbers, count, rejected } = decodeEntry(entry)
    expect(numbers).toEqual([11, 12, 14])
    expect(count).toBe(4)
    expect(sound.readings).toEqual(toColumns(readings(1, 4).toSpliced(2, 1)))
    expect(rejected).toHaveLength(1)
    expect(rejected[0]).toMatchObject({ number: 13, entry })
    expect(rejected[0]!.reason).toMatch(new RegExp(`^${field} `))
  })

  it('leaves out a number that JSON makes infinite', () => {
    const text = JSON.stringify({ ...batch, readings: toColumns(readings(1, 1)) })
    const { rejected } = decodeReadingBatch(text.replace('"values":[1]', '"values":[1e999]'))
    expect(rejected[0]!.reason).toBe('value Infinity is not finite')
  })

  it.each<[string, object]>([
    ['sender', { sender: 'Gateway North' }],
    ['sender', { sender: 'ingest' }],
    ['sent', { sent: 'now' }],
    ['backlog', { backlog: 0 }],
    ['gaps', { gaps: {} }],
    ['gaps[0]', { gaps: [{ range: [1, 11], from: 0, to: 0, counts: {}, reason: 'corrupt' }] }],
    ['gaps[0]', { gaps: [{ range: [3, 2], from: 0, to: 0, counts: {}, reason: 'corrupt' }] }],
    ['gaps[0]', { gaps: [{ range: [1, 2], from: 0, to: 0, counts: {}, reason: 'lazy' }] }],
    ['readings.times', { readings: { ...batch.readings, times: [1, 2, 3] } }],
    ['readings.qualities', { readings: { ...batch.readings, qualities: undefined } }],
  ])('is malformed when its %s is wrong, and still tells its numbers', (field, fields) => {
    const error = malformed(() => decodeWith(fields))
    expect(error.message.startsWith(field)).toBe(true)
    expect(error.carried).toEqual(carried)
  })

  it.each<[string, Buffer | string]>([
    ['no JSON', '{'],
    ['bytes', Buffer.from([0xff, 0x00, 0x80])],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['another version', JSON.stringify({ ...batch, version: 2 })],
    ['another stream', JSON.stringify({ ...batch, stream: 'alerts' })],
    ['no run', JSON.stringify({ ...batch, run: '' })],
    ['number 0', JSON.stringify({ ...batch, first: 0 })],
    ['a number beyond counting', JSON.stringify({ ...batch, first: Number.MAX_SAFE_INTEGER })],
    ['no readings', JSON.stringify({ ...batch, readings: undefined })],
  ])('is malformed without numbers when it is %s', (_, payload) => {
    expect(malformed(() => decodeReadingBatch(payload)).carried).toBeUndefined()
  })
})

describe('a batch of alert events', () => {
  const event: AlertEvent = {
    type: 'fired',
    time: Date.UTC(2026, 10, 22),
    actor: 'rules',
    alert: {
      id: 'ice-1',
      rule: 'ice',
      point: 'rd-12/station/surface',
      site: 'rd-12',
      severity: 'critical',
      state: 'firing',
      since: 1000,
      firedAt: 2000,
      value: -1.5,
      lastValue: null,
      message: { fr: 'Verglas', en: 'Ice' },
    },
  }
  const { readings: _, ...envelope } = batch
  const alerts: AlertBatch = { ...envelope, stream: 'alerts', events: [event, event] }

  it('comes back as it was', () => {
    expect(decodeAlertBatch(encodeAlertBatch(alerts))).toEqual({
      batch: alerts,
      numbers: [11, 12],
      count: 2,
      rejected: [],
    })
  })

  it('leaves out an event that is wrong, and that one only', () => {
    const wrong = { ...event, alert: { ...event.alert, severity: 'mild' } }
    const {
      batch: sound,
      numbers,
      rejected,
    } = decodeAlertBatch(JSON.stringify({ ...alerts, events: [wrong, event] }))
    expect(sound.events).toEqual([event])
    expect(numbers).toEqual([12])
    expect(rejected).toMatchObject([{ number: 11, entry: wrong }])
    expect(rejected[0]!.reason).toMatch(/^alert\.severity: /)
  })

  it('has no shelving without what was shelved', () => {
    const { rejected } = decodeAlertBatch(
      JSON.stringify({ ...alerts, events: [{ ...event, type: 'unshelved' }, event] }),
    )
    expect(rejected.map(({ reason }) => reason)).toEqual(['alert.shelving: is missing'])
  })

  it('is malformed on the stream of readings', () => {
    expect(
      malformed(() => decodeAlertBatch(JSON.stringify({ ...alerts, stream: 'measures' }))).carried,
    ).toBeUndefined()
  })
})

describe('an acknowledgement', () => {
  const answer: Acknowledgement = {
    version: 1,
    stream: 'indexes',
    run: 'r',
    upTo: 4,
    ranges: [
      [6, 7],
      [9, 9],
    ],
    window: 500,
    time: 1000,
  }

  it('comes back as it was', () => {
    expect(decodeAcknowledgement(encodeAcknowledgement(answer))).toEqual(answer)
  })

  it.each<[object]>([
    [{ version: 2 }],
    [{ upTo: -1 }],
    [{ window: 0 }],
    [{ ranges: [[4, 5]] }],
    [{ ranges: [[8, 7]] }],
    [
      {
        ranges: [
          [9, 9],
          [6, 7],
        ],
      },
    ],
    [{ run: 5 }],
    [{ time: 'now' }],
  ])('is refused with %j', fields => {
    expect(decodeAcknowledgement(JSON.stringify({ ...answer, ...fields }))).toBeUndefined()
  })

  it('is refused when it is no JSON', () => {
    expect(decodeAcknowledgement('soon')).toBeUndefined()
  })
})
