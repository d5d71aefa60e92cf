import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../figures.ts'
import { publishPaced } from '../load/paced.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import type { RunningSide } from './sides.ts'
import { makeTraffic, type Place } from './traffic.ts'

export const LATENCY_SIZE = { points: 10_000, rules: 1 }
const READINGS_PER_MESSAGE = 50
/** Every point is read once a step. */
const STEP_MS = 1000
/** One message in so many makes a point pass the limit, for one step. */
const BEYOND_EVERY = 20

export interface LatencyDurations {
  warmUpSteps: number
  measuredSteps: number
}

export interface LatencyOutcome {
  /** From the reading that is published to the webhook that is received. */
  p50Ms: number
  p99Ms: number
  /** Of a core. */
  cores: number
  peakMegabytes: number
}

/** Published at a steady rate; ten alerts a second fire, each on a point of its own, and resolve a second later. */
export async function measureLatency(
  { pid, port, receiver }: RunningSide,
  { warmUpSteps, measuredSteps }: LatencyDurations,
): Promise<LatencyOutcome> {
  const steps = warmUpSteps + measuredSteps
  const { points } = LATENCY_SIZE
  const traffic = { points, readingsPerMessage: READINGS_PER_MESSAGE, start: Date.now(), stepMs: STEP_MS }
  const { packets, changes } = makeTraffic({ ...traffic, isBeyond }, 0, steps)
  const warmUp = (packets.length / steps) * warmUpSteps
  const publishing = publishPaced(port, packets, (packets.length / steps) * (1000 / STEP_MS))
  await pause(warmUpSteps * STEP_MS)
  const [before, from] = [cpuSeconds(pid), performance.now()]
  const sent = await publishing
  const measured = new Map([...changes].filter(([, packet]) => packet >= warmUp))
  const cores = ((cpuSeconds(pid) - before) * 1000) / (performance.now() - from)
  const heard = await receiver.untilHeard(measured.keys())
  const latencies = [...measured]
    .map(([change, packet]) => heard.get(change)! - sent[packet]!)
    .sort((a, b) => a - b)
  return {
    p50Ms: quantile(latencies, 0.5)!,
    p99Ms: quantile(latencies, 0.99)!,
    cores,
    peakMegabytes: peakMegabytes(pid),
  }
}

/** In one step in two neighbours never, so that no message fires one alert and resolves another. */
function isBeyond({ message, index }: Place, step: number): boolean {
  return message % BEYOND_EVERY === (step * 7) % BEYOND_EVERY && index === step % READINGS_PER_MESSAGE
}
