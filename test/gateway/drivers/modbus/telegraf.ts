import { rawOf } from '../../../../model/scale.ts'
import type { Point } from '../../../../registry/registry.ts'
import type { ModbusSource } from '../../../../registry/schema.ts'
import { until } from '../../../e2e/until.ts'
import { startTelegraf } from '../../../peers/telegraf.ts'

/** What Telegraf calls our number types; it has no BCD, and none of 48 bits. */
const TYPES: Partial<Record<ModbusSource['type'], string>> = {
  uint16: 'UINT16',
  int16: 'INT16',
  uint32: 'UINT32',
  int32: 'INT32',
  uint64: 'UINT64',
  int64: 'INT64',
  float32: 'FLOAT32',
  float64: 'FLOAT64',
  string: 'STRING',
}

/** How the bytes of two registers follow each other. */
const ORDERS = {
  big: { big: 'ABCD', little: 'BADC' },
  little: { big: 'CDAB', little: 'DCBA' },
} as const

function isTelegrafs(order: ModbusSource['wordOrder']): order is keyof typeof ORDERS {
  return order in ORDERS
}

/** Whether Telegraf can be told of a register: not of BCD, of 48 bits, of some bits of a number, or of turned halves. */
export function isKnownToTelegraf({ table, type, bit, bits, wordOrder, byteOrder }: ModbusSource): boolean {
  if (table === 'coil' || table === 'discrete') return true
  if (type === 'bool') return bit !== undefined
  if (!isTelegrafs(wordOrder)) return false
  if (type === 'string') return wordOrder === 'big' && byteOrder === 'big'
  return TYPES[type] !== undefined && bits === undefined
}

/** What Telegraf makes of the points of a Modbus server, by point id; each is read by a request of its own. */
export async function readWithTelegraf(
  port: number,
  points: readonly Point[],
): Promise<ReadonlyMap<string, number | string>> {
  const telegraf = await startTelegraf(`
[agent]
  interval = "1s"
  flush_interval = "1s"
  omit_hostname = true
[[outputs.file]]
  files = ["stdout"]
  data_format = "json"
[[inputs.modbus]]
  name = "device"
  controller = "tcp://127.0.0.1:${port}"
  configuration_type = "request"
${points.map(requestOf).join('')}`)
  try {
    const output = await until(telegraf.output, printed => {
      const values = valuesIn(printed)
      return points.every(({ id }) => values.has(id))
    })
    return valuesIn(output)
  } finally {
    await telegraf.close()
  }
}

function requestOf({ id, source }: Point): string {
  if (source.driver !== 'modbus') throw new Error(`${id} is no Modbus point`)
  const { table, address, wordOrder, byteOrder, type, bit, length, scale } = source.modbus
  if (!isTelegrafs(wordOrder)) throw new Error(`${id}: Telegraf knows no order ${wordOrder}`)
  const isNumber = type !== 'bool' && type !== 'string'
  const field = [
    `address = ${address}, name = "${id}"`,
    ...(table === 'coil' || table === 'discrete'
      ? []
      : [`type = "${type === 'bool' ? 'BIT' : TYPES[type]}"`]),
    ...(bit === undefined ? [] : [`bit = ${bit}`]),
    ...(length === undefined ? [] : [`length = ${length}`]),
    // Unscaled whole numbers stay whole; a scale is a float in TOML.
    ...(isNumber && scale !== 1 ? [`scale = ${scale.toFixed(9)}`] : []),
  ]
  return `
  [[inputs.modbus.request]]
    slave_id = ${source.unit}
    byte_order = "${ORDERS[wordOrder][byteOrder]}"
    register = "${table}"
    fields = [{ ${field.join(', ')} }]
`
}

/** The fields of every metric that was printed whole. */
function valuesIn(output: string): Map<string, number | string> {
  const values = new Map<string, number | string>()
  for (const line of output.split('\n').slice(0, -1)) {
    if (!line.startsWith('{')) continue
    // It leaves some of the NULs that fill a text.
    for (const [id, value] of Object.entries<number | string>(JSON.parse(line).fields))
      values.set(id, typeof value === 'string' ? value.replace(/\0+$/, '') : value)
  }
  return values
}

/** A value of ours as Telegraf says it: it has no offsets and no states. */
export function asTelegraf(source: ModbusSource, value: number | boolean | string): number | string {
  if (typeof value === 'boolean') return Number(value)
  if (source.states) return rawOf(source, value) as number
  return typeof value === 'number' ? value - source.offset : value
}
