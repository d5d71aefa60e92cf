import { setTimeout as pause } from 'node:timers/promises'
import { publishPaced } from '../load/paced.ts'
import { publish } from '../load/publisher.ts'
import { cpuSeconds, peakMegabytes } from '../process-usage.ts'
import type { RunningSide } from './sides.ts'
import { makeTraffic, type Place, type TrafficSettings } from './traffic.ts'

export const RATE_SIZE = { points: 500, rules: 300 }
const READINGS_PER_MESSAGE = 25
const LAST_MESSAGE = RATE_SIZE.points / READINGS_PER_MESSAGE - 1
const STEADY_WARM_UP_STEPS = 5
const STEADY_STEPS = 20
/** Of the source's clock: many steps of it are published in a second. */
const STEP_MS = 100
/**
 * So many steps are published at once; again and again, until it has taken so long. With five times as many, Node-RED
 * with a node a rule does not come to an end: it copies each message for each node before the first one is done.
 */
const BURST_STEPS = 8
const WARM_UP_BURSTS = 1
const LEAST_MS = 10_000

export interface RateOutcome {
  /** Of a core, with 500 readings/s that 300 rules read. */
  steadyCores: number
  /** As fast as it can: readings × rules. */
  evaluationsPerSecond: number
  evaluationsPerCpuSecond: number
  peakMegabytes: number
}

/** Every rule reads every point: first at a steady rate, then as fast as the process can. */
export async function measureRate({ pid, port, receiver }: RunningSide): Promise<RateOutcome> {
  const { points } = RATE_SIZE
  const settings = { points, readingsPerMessage: READINGS_PER_MESSAGE, stepMs: STEP_MS }
  // Bursts are over long before the source's clock is ahead of ours.
  const start = Date.now() - 30 * 60_000
  let step = STEADY_WARM_UP_STEPS + STEADY_STEPS
  const steady = makeTraffic({ ...settings, start, isBeyond: () => false }, 0, step).packets
  const publishing = publishPaced(port, steady, points / READINGS_PER_MESSAGE)
  await pause(STEADY_WARM_UP_STEPS * 1000)
  const [before, from] = [cpuSeconds(pid), performance.now()]
  await publishing
  const steadyCores = ((cpuSeconds(pid) - before) * 1000) / (performance.now() - from)

  const all = { milliseconds: 0, cpuSeconds: 0, bursts: 0 }
  for (let burst = 0; all.milliseconds < LEAST_MS; burst++) {
    const spent = await carryBurst({ pid, port, receiver }, { ...settings, start }, step)
    step += BURST_STEPS
    if (burst < WARM_UP_BURSTS) continue
    all.milliseconds += spent.milliseconds
    all.cpuSeconds += spent.cpuSeconds
    all.bursts++
  }
  const evaluations = all.bursts * BURST_STEPS * points * RATE_SIZE.rules
  return {
    steadyCores,
    evaluationsPerSecond: (evaluations * 1000) / all.milliseconds,
    evaluationsPerCpuSecond: evaluations / all.cpuSeconds,
    peakMegabytes: peakMegabytes(pid),
  }
}

/** Publishes steps as fast as the broker takes them, until the last change is told. */
async function carryBurst(
  { pid, port, receiver }: RunningSide,
  settings: Omit<TrafficSettings, 'isBeyond'>,
  from: number,
): Promise<{ milliseconds: number; cpuSeconds: number }> {
  const to = from + BURST_STEPS
  // In the last message of each step, one point passes the limit in the first step and is back in the last one.
  const isBeyond = ({ message, index }: Place, step: number) =>
    message === LAST_MESSAGE && index === 0 && step >= from && step < to - 1
  const { packets, changes } = makeTraffic({ ...settings, isBeyond }, from, to)
  const { readingsPerMessage } = settings
  const stream = { sender: 'all', first: 1, packets, readingsPerMessage }
  const [cpuBefore, started] = [cpuSeconds(pid), performance.now()]
  await publish(port, { streams: [stream], readings: packets.length * readingsPerMessage, last: [] }, false)
  const heard = await receiver.untilHeard(changes.keys())
  const milliseconds = Math.max(...heard.values()) - started
  return { milliseconds, cpuSeconds: cpuSeconds(pid) - cpuBefore }
}
