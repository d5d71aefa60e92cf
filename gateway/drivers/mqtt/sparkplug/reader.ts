import type { QualityCode } from '../../../../model/quality.ts'
import { decodeValue } from '../../../documents/values.ts'
import type { Sample } from '../../../driver.ts'
import { disconnected, type MqttPoint, type Reader, type Statement } from '../reader.ts'
import { decodePayload, interpretValue, type Metric, type Payload } from './payload.ts'

const NAMESPACE = 'spBv1.0'
const TYPES = ['NBIRTH', 'NDEATH', 'DBIRTH', 'DDEATH', 'NDATA', 'DDATA'] as const
type MessageType = (typeof TYPES)[number]

/** Sparkplug B 3.0, clause 6.4.21: the values of the property `Quality`. */
const QUALITY_GOOD = 192
const QUALITY_BAD = 0
const QUALITY_STALE = 500

/** What is known of an edge node since its birth. */
interface Node {
  /** Points by device (empty for the node's own) and metric. */
  points: ReadonlyMap<string, ReadonlyMap<string, MqttPoint[]>>
  /** The death that belongs to the last birth. */
  birth?: bigint
  seq?: number
  /** Something is missing since the last birth of the node, maybe a birth: aliases may mean something else by now. */
  doubtful: boolean
  aliases: Map<bigint, Definition>
  /** Data types by device and metric. */
  datatypes: Map<string, number>
}

interface Definition {
  device: string
  name: string
}

/**
 * Reads Sparkplug B: births define what data messages bring, deaths make points bad. It never asks for a
 * rebirth, which would be a command to the node: after a gap, values by alias are uncertain until the next one.
 */
export function createSparkplugReader(points: readonly MqttPoint[]): Reader {
  const nodes = new Map<string, Node>()
  for (const [key, own] of Map.groupBy(points, point => placeOf(point).node)) {
    const byDevice = Map.groupBy(own, point => placeOf(point).device)
    const named = [...byDevice].map(
      ([device, list]) => [device, Map.groupBy(list, ({ source }) => source.mqtt.metric!)] as const,
    )
    nodes.set(key, { points: new Map(named), doubtful: false, aliases: new Map(), datatypes: new Map() })
  }
  return {
    filters: [...nodes.keys()].map(key => `${NAMESPACE}/${key.replace('/', '/+/')}/#`),
    read(message) {
      const [namespace, group, type, name, device = ''] = message.topic.split('/')
      const node = nodes.get(`${group}/${name}`)
      // What others command the node is none of our business.
      if (namespace !== NAMESPACE || !node || !isType(type)) return undefined
      if (message.retained) return { samples: [], problems: ['is retained, which Sparkplug forbids'] }
      try {
        return takeMessage(node, type, device, decodePayload(message.payload))
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        return { samples: [], problems: [`is no Sparkplug B payload: ${error.message}`] }
      }
    },
  }
}

function placeOf({ source }: MqttPoint): { node: string; device: string } {
  const [group, node, device = ''] = source.address.split('/')
  return { node: `${group}/${node}`, device }
}

function isType(type: string | undefined): type is MessageType {
  return TYPES.includes(type as MessageType)
}

function takeMessage(node: Node, type: MessageType, device: string, payload: Payload): Statement {
  if (type === 'NDEATH') return takeNodeDeath(node, payload)
  const problems: string[] = []
  if (type === 'NBIRTH') {
    node.birth = birthNumber(payload)
    node.doubtful = false
    node.aliases.clear()
    node.datatypes.clear()
  } else if (node.seq !== undefined && payload.seq !== (node.seq + 1) % 256) {
    node.doubtful = true
    problems.push(
      'does not follow the one before: until the node is born again, values by alias are uncertain; this gateway only reads and asks for no rebirth',
    )
  }
  node.seq = payload.seq

  const own = node.points.get(device)
  if (type === 'DDEATH') return { samples: disconnected([...(own?.values() ?? [])].flat()), problems }
  if (type === 'NBIRTH' || type === 'DBIRTH') define(node, device, payload.metrics)
  const samples: Sample[] = []
  for (const metric of payload.metrics) {
    const definition = definitionOf(node, device, metric)
    if (!definition) {
      problems.push('has an alias of which no birth was heard')
      continue
    }
    for (const point of node.points.get(definition.device)?.get(definition.name) ?? []) {
      const datatype = metric.datatype ?? node.datatypes.get(keyOf(definition))
      const sample = sampleOf(metric, point, datatype, payload.timestamp)
      // A birth tells again what was measured before.
      sample.late = metric.isHistorical || type === 'NBIRTH' || type === 'DBIRTH'
      const byAlias = metric.name === undefined
      if (byAlias && node.doubtful && sample.quality === 'good') sample.quality = 'uncertain:uncertain-source'
      if (sample.quality === 'bad:undecodable') problems.push(`has no value for ${definition.name}`)
      samples.push(sample)
    }
  }
  if (!own) problems.push('is of no device of the registry')
  return { samples, problems: [...new Set(problems)] }
}

/** A death that was announced with an earlier birth may come after the next one. */
function takeNodeDeath(node: Node, payload: Payload): Statement {
  const death = birthNumber(payload)
  if (node.birth !== undefined && death !== node.birth) return { samples: [], problems: [] }
  node.seq = undefined
  const points = [...node.points.values()].flatMap(byName => [...byName.values()].flat())
  return { samples: disconnected(points), problems: [] }
}

function birthNumber({ metrics }: Payload): bigint | undefined {
  const value = metrics.find(({ name }) => name === 'bdSeq')?.value
  return value?.type === 'integer' ? value.value : undefined
}

function define(node: Node, device: string, metrics: readonly Metric[]): void {
  for (const [alias, definition] of node.aliases) if (definition.device === device) node.aliases.delete(alias)
  for (const { name, alias, datatype } of metrics) {
    if (name === undefined) continue
    if (alias !== undefined) node.aliases.set(alias, { device, name })
    if (datatype !== undefined) node.datatypes.set(keyOf({ device, name }), datatype)
  }
}

function definitionOf(node: Node, device: string, { name, alias }: Metric): Definition | undefined {
  if (name !== undefined) return { device, name }
  return alias === undefined ? undefined : node.aliases.get(alias)
}

function keyOf({ device, name }: Definition): string {
  return `${device}/${name}`
}

function sampleOf(
  metric: Metric,
  mqttPoint: MqttPoint,
  datatype: number | undefined,
  sent: number | undefined,
): Sample {
  const { point } = mqttPoint
  const time = metric.timestamp ?? sent
  const quality = metric.isNull ? 'bad:sensor-fault' : qualityOf(metric.quality)
  if (quality.startsWith('bad')) return { point, time, value: null, quality }
  const raw = metric.value && interpretValue(metric.value, datatype)
  const value = raw === undefined ? undefined : decodeValue(raw, mqttPoint.point, mqttPoint.source.mqtt)
  if (value === undefined) return { point, time, value: null, quality: 'bad:undecodable' }
  return { point, time, value, quality }
}

function qualityOf(code: number | undefined): QualityCode {
  switch (code) {
    case undefined:
    case QUALITY_GOOD:
      return 'good'
    case QUALITY_BAD:
      return 'bad:sensor-fault'
    case QUALITY_STALE:
      return 'bad:timeout'
    default:
      return 'uncertain:uncertain-source'
  }
}
