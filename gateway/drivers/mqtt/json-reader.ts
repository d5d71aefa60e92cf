import { topicMatches } from '../../../bus/topics.ts'
import { followPointer } from '../../documents/pointer.ts'
import { readValue } from '../../documents/read-value.ts'
import type { Sample } from '../../driver.ts'
import { type Conditions, Directory } from './directory.ts'
import { JSON_FORMATS, type JsonFormat } from './json-formats.ts'
import { disconnected, type Message, type MqttPoint, type Reader, type Statement } from './reader.ts'

/** The points that messages of one topic filter speak of. */
interface Route {
  filter: string
  /** Whose values they bring. */
  values: MqttPoint[]
  /** Whose presence they announce. */
  presence: MqttPoint[]
  /** Whose values a document brings: by the list that it comes in, which the format has. */
  directories: Map<string | undefined, Directory<MqttPoint>>
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
      return readContent(content, message, matching)
    },
  }
}

function routesOf(points: readonly MqttPoint[]): Route[] {
  const routes = new Map<string, Route>()
  const route = (filter: string) => {
    const found: Route = routes.get(filter) ?? { filter, values: [], presence: [], directories: new Map() }
    routes.set(filter, found)
    return found
  }
  for (const point of points) {
    const { source } = point
    const format = formatOf(point)
    const topic = source.mqtt.topic ?? format.topic?.(source.address)
    if (topic === undefined) throw new Error(`${point.point.id} has no topic`)
    const { values, directories } = route(topic)
    values.push(point)
    const directory = directories.get(format.list) ?? new Directory()
    directories.set(format.list, directory)
    directory.add(point, conditionsOf(point))
    const announced = source.availability
      ? [source.availability]
      : format.availability?.(topic, source.address)
    for (const filter of announced ?? []) route(filter).presence.push(point)
  }
  return [...routes.values()]
}

function formatOf({ source }: Pick<MqttPoint, 'source'>): JsonFormat {
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

function readContent(content: Content, message: Message, routes: readonly Route[]): Statement {
  const samples: Sample[] = []
  const problems = new Set<string>()
  const presence = new Set(routes.flatMap(route => route.presence))
  let meant = presence.size > 0
  for (const [document, points] of addressees(content, routes)) {
    for (const point of points) {
      const said = readDocument(document, point, message)
      meant = true
      if (said.problem) problems.add(said.problem)
      if (said.sample) samples.push(said.sample)
    }
  }
  if (presence.size > 0) {
    const state = stateOf(content)
    if (state === 'offline') samples.push(...disconnected([...presence]))
    else if (state !== 'online') problems.add('says neither online nor offline')
  }
  if (!meant) problems.add('is of no device of the registry')
  return { samples, problems: [...problems] }
}

/** The documents of a message, and the points that each speaks of; all of them where it is no JSON. */
function* addressees(content: Content, routes: readonly Route[]): Generator<[Content, Iterable<MqttPoint>]> {
  if (!('json' in content)) {
    yield [content, new Set(routes.flatMap(({ values }) => values))]
    return
  }
  for (const list of new Set(routes.flatMap(({ directories }) => [...directories.keys()]))) {
    const items = list === undefined ? undefined : followPointer(content.json, list)
    for (const json of Array.isArray(items) ? items : [content.json]) {
      const found = routes.flatMap(({ directories }) => directories.get(list)?.find(json) ?? [])
      yield [{ json }, new Set(found)]
    }
  }
}

function conditionsOf({ source }: Pick<MqttPoint, 'source'>): Conditions {
  return Object.entries({ ...formatOf({ source }).where?.(source.address), ...source.mqtt.where })
}

function readDocument(
  document: Content,
  point: MqttPoint,
  { retained, time: arrival }: Message,
): { sample?: Sample; problem?: string } {
  const { mqtt, timeZone } = point.source
  const format = formatOf(point)
  if (!('json' in document) && (mqtt.value !== '' || conditionsOf(point).length > 0))
    return { problem: 'is no JSON' }
  const json = 'json' in document ? document.json : document.text

  const timing = { timeZone, arrival, defaultTime: format.time }
  const { sample, problem } = readValue(json, point.point, mqtt, timing)
  if (!sample) return { problem }
  // Without a time of its own nothing tells how old a kept message is.
  if (retained && sample.time === undefined) return {}
  return { sample: { ...sample, late: retained }, problem }
}

function stateOf(content: Content): string {
  const said = 'json' in content ? (followPointer(content.json, '/state') ?? content.json) : content.text
  return String(said).trim().toLowerCase()
}
