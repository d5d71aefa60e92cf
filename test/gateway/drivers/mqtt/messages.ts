import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sample } from '../../../../gateway/driver.ts'
import { createJsonReader } from '../../../../gateway/drivers/mqtt/json-reader.ts'
import { type Message, mqttPoint, type Reader } from '../../../../gateway/drivers/mqtt/reader.ts'
import type { Point } from '../../../../registry/registry.ts'

/** When the messages of these tests arrive: a few seconds after those of testdata were measured. */
export const ARRIVAL = Date.parse('2026-11-22T14:03:05Z')

export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'testdata', name))
}

export function message(topic: string, payload: Buffer | string, rest: Partial<Message> = {}): Message {
  return { topic, payload: Buffer.from(payload), retained: false, time: ARRIVAL, ...rest }
}

/** What a reader of the points makes of one message: `name=value` or `name=quality`, and the time. */
export function readOne(points: readonly Point[], given: Message) {
  return readWith(createJsonReader(points.map(mqttPoint)), given)
}

export function readWith(reader: Reader, given: Message) {
  const statement = reader.read(given)
  return { said: statement?.samples.map(describeSample), problems: statement?.problems }
}

/** `name=value @time quality`, without what goes without saying. */
export function describeSample({ point, value, quality, time, late }: Sample): string {
  const at = time === undefined ? '' : ` @${new Date(time).toISOString()}`
  const told = value === null ? quality : quality === 'good' ? String(value) : `${value} ${quality}`
  return `${point.name}=${told}${at}${late ? ' late' : ''}`
}
