import {
  AttributeIds,
  type ClientSession,
  DataType,
  type DataValue,
  makeBrowsePath,
  resolveNodeId,
  VariantArrayType,
} from 'node-opcua'
import type { QualityCode } from '../../../model/quality.ts'
import type { Value } from '../../../model/reading.ts'
import { decodeDataValue } from '../../drivers/opcua/data-values.ts'
import type { Variable } from './browse.ts'

/** A variable as the driver reads it. */
export interface ReadVariable extends Variable {
  /** Such as `Double`, or `Int32[4]` for an array; empty where the server gives nothing at all. */
  type: string
  /** None where the quality is bad, or no reading can carry it. */
  value: Value
  quality: QualityCode
  /** The server's own name of the status, such as `Good` or `BadSensorFailure`. */
  status: string
  /** Source time, ms UTC. */
  time?: number
  /** Its engineering unit as the server writes it, such as `kWh`. */
  unit?: string
}

/** Below what small servers take. */
const NODES_PER_READ = 100

/** What variables say now, in the same order. */
export async function readVariables(
  session: ClientSession,
  variables: readonly Variable[],
): Promise<ReadVariable[]> {
  const read: ReadVariable[] = []
  for (let from = 0; from < variables.length; from += NODES_PER_READ) {
    const some = variables.slice(from, from + NODES_PER_READ)
    const values = await session.read(some.map(({ node }) => valueAttribute(node)))
    const units = await unitsOf(session, some)
    read.push(
      ...some.map((variable, i) => {
        const dataValue = values[i]!
        const { time, value, quality } = decodeDataValue(dataValue)
        const status = dataValue.statusCode.name
        return { ...variable, type: typeOf(dataValue), value, quality, status, time, unit: units[i] }
      }),
    )
  }
  return read
}

const valueAttribute = (nodeId: string) => ({ nodeId, attributeId: AttributeIds.Value })

/** OPC 10000-8, 5.6.3: the property EngineeringUnits, where a variable has one. */
async function unitsOf(
  session: ClientSession,
  variables: readonly Variable[],
): Promise<(string | undefined)[]> {
  const paths = variables.map(({ node }) => makeBrowsePath(resolveNodeId(node), '.EngineeringUnits'))
  const properties = (await session.translateBrowsePath(paths)).map(({ targets }) =>
    targets?.[0]?.targetId.toString(),
  )
  const known = properties.filter(property => property !== undefined)
  if (known.length === 0) return []
  const read = await session.read(known.map(valueAttribute))
  const units = new Map(known.map((property, i) => [property, labelOf(read[i]!)]))
  return properties.map(property => property && units.get(property))
}

function labelOf({ value: variant }: DataValue): string | undefined {
  const information = variant?.value as { displayName?: { text?: string | null } } | null | undefined
  return information?.displayName?.text ?? undefined
}

function typeOf({ value: variant }: DataValue): string {
  if (!variant || variant.dataType === DataType.Null) return ''
  const type = DataType[variant.dataType]
  return variant.arrayType === VariantArrayType.Scalar ? type : `${type}[${variant.value?.length ?? 0}]`
}
