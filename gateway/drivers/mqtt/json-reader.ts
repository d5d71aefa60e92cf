import { topicMatches } from '../../../bus/topics.ts'
import type { Sample } from '../../driver.ts'
import { JSON_FORMATS, type JsonFormat } from './json-formats.ts'
import { followPointer } from './pointer.ts'
import { disconnected, type Message, type MqttPoint, type Reader, type Statement } from './reader.ts'
import { parseTime } from './times.ts'
import { decodeQuality, decodeValue, isSame } from './values.ts'

/** The points that messages of one topic filter speak of. */
interface Route {
  filter: string
  /** Whose values they bring. */
  values: MqttPoint[]
  /** Whose presence they announce. */
  presence: MqttPoint[]
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON and plain text of the points' formats. */
export function createJsonReader(points: readonly MqttPoint[]): Reader {
  const routes = routesOf(points)
  const exact = new Map(routes.filter(({ filter }) => !/[+#]/.test(filter)).map(r => [r.filter, r]))
  const wild = routes.filter(({ filter }) => /[+#]/.test(filter))
  return {
    filters: routes.map(({ filter }) => filter),
    read(message) {
      const own = exact.get(message.topic)
      const matching = wild.filter(({ filter }) => topicMatches(filter, message.topic))
      if (own) matching.push(own)
      // An empty message is how a retained one is taken back.
      if (matching.length === 0 || message.payload.length === 0) return undefined
      const content = parse(message.payload)
      if (content === undefined) return { samples: [], problems: ['is no UTF-8 text'] }
      return readContent(content, message, {
        values: [...new Set(matching.flatMap(({ values }) => values))],
        presence: [...new Set(matching.flatMap(({ presence }) => presence))],
      })
    },
  }
}

function routesOf(points: readonly MqttPoint[]): Route[] {
  const routes = new Map<string, Route>()
  const route = (filter: string) => {
    const found = routes.get(filter) ?? { filter, values: [], presence: [] }
    routes.set(filter, found)
    return found
  }
  for (const point of points) {
    const { source } = point
    const format = formatOf(point)
    const topic = source.mqtt.topic ?? format.topic?.(source.address)
    if (topic === undefined) throw new Error(`${point.point.id} has no topic`)
    route(topic).values.push(point)
    const announced = source.availability
      ? [source.availability]
      : format.availability?.(topic, source.address)
    for (const filter of announced ?? []) route(filter).presence.push(point)
  }
  return [...routes.values()]
}

function formatOf({ source }: MqttPoint): JsonFormat {
  if (source.format === 'sparkplug-b') throw new Error('sparkplug-b is no JSON')
  return JSON_FORMATS[source.format]
}

/** What a payload holds; a text that is no JSON is `{ text }` alone. */
type Content = { json: unknown } | { text: string }

function parse(payload: Buffer): Content | undefined {
  let text: string
  try {
    text = decoder.decode(payload)
  } catch {
    return undefined
  }
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return { text }
  }
}

function readContent(
  content: Content,
  message: Message,
  { values, presence }: Pick<Route, 'values' | 'presence'>,
): Statement {
  const samples: Sample[] = []
  const problems = new Set<string>()
  let meant = presence.length > 0
  for (const point of values) {
    for (const document of documentsOf(content, point)) {
      const said = readDocument(document, point, message)
      meant ||= said !== undefined
      if (said?.problem) problems.add(said.problem)
      if (said?.sample) samples.push(said.sample)
    }
  }
  if (presence.length > 0) {
    const state = stateOf(content)
    if (state === 'offline') samples.push(...disconnected(presence))
    else if (state !== 'online') problems.add('says neither online nor offline')
  }
  if (!meant) problems.add('is of no device of the registry')
  return { samples, problems: [...problems] }
}

function documentsOf(content: Content, point: MqttPoint): Content[] {
  const { list } = formatOf(point)
  if (list === undefined || !('json' in content)) return [content]
  const items = followPointer(content.json, list)
  return Array.isArray(items) ? items.map(json => ({ json })) : [content]
}

/** `undefined` for a document that is not meant for the point. */
function readDocument(
  document: Content,
  point: MqttPoint,
  { retained, time: arrival }: Message,
): { sample?: Sample; problem?: string } | undefined {
  const { mqtt, timeZone, address } = point.source
  const format = formatOf(point)
  const conditions = Object.entries({ ...format.where?.(address), ...mqtt.where })
  if (!('json' in document) && (mqtt.value !== '' || conditions.length > 0)) return { problem: 'is no JSON' }
  const json = 'json' in document ? document.json : document.text
  for (const [pointer, wanted] of conditions) {
    if (!isSame(followPointer(json, pointer) ?? null, wanted)) return undefined
  }

  const raw = followPointer(json, mqtt.value)
  if (raw === undefined) return { problem: `has nothing at ${mqtt.value}` }

  const pointer = mqtt.time ?? format.time
  const written = pointer === undefined ? undefined : followPointer(json, pointer)
  const time = written === undefined ? undefined : parseTime(written, timeZone, arrival)
  // Without a time of its own nothing tells how old a kept message is.
  if (retained && time === undefined) return {}
  const timeProblem =
    time === undefined && (written !== undefined || mqtt.time !== undefined)
      ? `has no readable time at ${pointer}`
      : undefined

  const worth = mqtt.quality ? decodeQuality(followPointer(json, mqtt.quality.at), mqtt.quality) : 'good'
  const common = { point: point.point, time, late: retained }
  if (raw === null || worth.startsWith('bad')) {
    const quality = worth.startsWith('bad') ? worth : 'bad:sensor-fault'
    return { sample: { ...common, value: null, quality }, problem: timeProblem }
  }
  const value = decodeValue(raw, point)
  if (value === undefined) {
    const problem = `has no ${point.point.quantity.value} at ${mqtt.value || 'its top'}`
    return { sample: { ...common, value: null, quality: 'bad:undecodable' }, problem }
  }
  const quality = timeProblem && worth === 'good' ? 'uncertain:clock' : worth
  return { sample: { ...common, value, quality }, problem: timeProblem }
}

function stateOf(content: Content): string {
  const said = 'json' in content ? (followPointer(content.json, '/state') ?? content.json) : content.text
  return String(said).trim().toLowerCase()
}
