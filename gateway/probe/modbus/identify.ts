import { pointId } from '../../../model/point-id.ts'
import { quantity } from '../../../model/quantity.ts'
import { kindOf } from '../../../model/register-values.ts'
import type { DeviceFiles } from '../../../registry/device-files.ts'
import type { Point } from '../../../registry/registry.ts'
import type { DeviceFile, ModbusSource, PointDefinition } from '../../../registry/schema.ts'
import type { Sample } from '../../driver.ts'
import { decodeAnswer } from '../../drivers/modbus/decode.ts'
import type { Answer } from '../../drivers/modbus/explain.ts'
import { type ModbusPoint, type ModbusRequest, planRequests } from '../../drivers/modbus/plan-requests.ts'
import type { Identification } from '../../drivers/modbus/transport.ts'
import { toReading } from '../../to-reading.ts'
import type { Probe } from './probe.ts'

/** How well a device file explains what a unit answers. */
export interface Likeness {
  model: string
  name: string
  /** Of the file, over Modbus. */
  points: number
  /** With a value that is possible. */
  plausible: readonly Sample[]
  /** 0 to 1, and more where the device says itself that it is this one. */
  score: number
}

/** From which score on a model is worth naming. */
const LIKELY = 0.5

export interface IdentifyOptions {
  unit: number
  library: DeviceFiles
  /** What the unit says of itself. */
  identification?: Identification
  /** ms UTC */
  now: () => number
  progress: (model: string, done: number) => void
}

/**
 * The models that a unit may be, the likeliest first: every device file is tried as the driver would read it, and
 * left as soon as half of its points are refused. What was asked once is not asked again.
 */
export async function identify(probe: Probe, options: IdentifyOptions): Promise<Likeness[]> {
  const { unit, library, identification, now, progress } = options
  const remembering = remember(probe)
  const found: Likeness[] = []
  let done = 0
  for (const [model, { value: file }] of library) {
    progress(model, done++ / library.size)
    const points = modbusPoints(file, unit)
    if (points.length === 0) continue
    const samples = await readPoints(remembering, points)
    const plausible = samples.filter(sample => toReading(sample, now()).value !== null)
    const weights = samples.map(sample => evidence(sample, toReading(sample, now()).value))
    const score = weights.reduce((sum, weight) => sum + weight, 0) / (points.length + 1)
    const named = score > 0 && saysItself(model, file, identification) ? 1 : 0
    found.push({ model, name: file.name, points: points.length, plausible, score: score + named })
  }
  return found.filter(({ score }) => score >= LIKELY).sort((a, b) => b.score - a.score)
}

/** The points of a device file as the driver knows them. */
function modbusPoints(file: DeviceFile, unit: number): ModbusPoint[] {
  return Object.entries(file.points).flatMap(([name, definition]) => {
    const { modbus: source } = definition
    return source ? [{ point: pointOf(name, definition, unit, source), unit, source }] : []
  })
}

function pointOf(name: string, definition: PointDefinition, unit: number, modbus: ModbusSource): Point {
  const { quantity: quantityName, label, interval } = definition
  const meant = quantity(quantityName)
  return {
    ...{ id: pointId('probe', 'probe', name), name, site: 'probe', device: 'probe' },
    ...{ gateway: 'probe', connection: 'probe' },
    ...{ unit: definition.unit, interval, dueWithin: interval, min: definition.min, max: definition.max },
    label: label ?? meant.label,
    quantityName,
    quantity: meant,
    source: { driver: 'modbus', unit, modbus },
  }
}

/** One sample a point; none any more once half of the points are refused. */
async function readPoints(probe: Pick<Probe, 'ask'>, points: readonly ModbusPoint[]): Promise<Sample[]> {
  const samples: Sample[] = []
  let refused = 0
  async function read(request: ModbusRequest): Promise<void> {
    if (refused * 2 > points.length) return
    const { unit, table, address, count } = request
    const answer = await probe.ask({ unit, table, address, count })
    if (answer.kind === 'data') samples.push(...decodeAnswer(request, answer.data))
    else if (answer.kind !== 'exception' || request.points.length === 1) refused += request.points.length
    else {
      const middle = Math.ceil(request.points.length / 2)
      for (const half of [request.points.slice(0, middle), request.points.slice(middle)])
        for (const part of planRequests(half, { maxGap: 0 })) await read(part)
    }
  }
  for (const request of planRequests(points, { maxGap: 0 })) await read(request)
  return samples
}

function remember(probe: Probe): Pick<Probe, 'ask'> {
  const answers = new Map<string, Promise<Answer>>()
  return {
    ask(question) {
      const { unit, table, address, count } = question
      const key = [unit, table, address, count].join()
      const answer = answers.get(key) ?? probe.ask(question)
      answers.set(key, answer)
      return answer
    },
  }
}

/**
 * How much one value says for a model, 0 to 1. What lies within limits on both sides, or is a float of everyday size,
 * says a lot; a zero, which any unused register holds, says little.
 */
function evidence({ point, value, quality }: Sample, possible: unknown): number {
  if (possible === null) return quality === 'bad:sensor-fault' ? 0.5 : 0
  if (typeof value !== 'number' || value === 0) return 0.5
  const { type } = (point.source as Extract<Point['source'], { driver: 'modbus' }>).modbus
  const size = Math.abs(value)
  const isEveryday = size >= 1e-6 && size < 1e9
  if (kindOf(type) === 'float' && !isEveryday) return 0
  if (point.min !== undefined && point.max !== undefined) return 1
  return isEveryday ? 0.8 : 0.2
}

/** Whether the product that the device names is in the model's name, whatever the spelling. */
function saysItself(model: string, file: DeviceFile, identification: Identification | undefined): boolean {
  const product = plain(identification?.product ?? '')
  return product.length >= 3 && (plain(model).includes(product) || plain(file.name).includes(product))
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '')
}
