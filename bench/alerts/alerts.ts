import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber } from '../figures.ts'
import { LATENCY_SIZE, type LatencyOutcome, measureLatency } from './latency.ts'
import { measureRate, RATE_SIZE, type RateOutcome } from './rate.ts'
import { runSide, type SideName } from './sides.ts'

const DURATIONS = { warmUpSteps: 10, measuredSteps: 30 }

/** Mosquitto → our hub → webhook, every event journalled before it is told, against Node-RED, which keeps nothing. */
export function compareAlerts({ profileFolder }: BenchmarkOptions): Benchmark {
  return {
    peers: ['mosquitto', 'node-red'],
    async round(print) {
      const latency = async (side: SideName) => {
        const measure = (running: Parameters<typeof measureLatency>[0]) => measureLatency(running, DURATIONS)
        const outcome = await runSide(side, LATENCY_SIZE, measure, profileFolder)
        print(`${side}, a rule on 10,000 readings/s: ${describeLatency(outcome)}`)
        return outcome
      }
      const rate = async (side: SideName) => {
        const outcome = await runSide(side, RATE_SIZE, measureRate, profileFolder)
        print(`${side}, 300 rules: ${describeRate(outcome)}`)
        return outcome
      }
      const quick = await latency('affluent')
      const quickPeer = await latency('node-red, function')
      const ours = await rate('affluent')
      const inOne = await rate('node-red, function')
      const flows = await rate('node-red, flows')
      return {
        figures: { 'alert-latency-p50-ms': quick.p50Ms, 'alert-latency-p99-ms': quick.p99Ms },
        ratios: {
          'alert-latency': quickPeer.p99Ms / quick.p99Ms,
          'alert-latency-p50': quickPeer.p50Ms / quick.p50Ms,
          'alert-rate': ours.evaluationsPerCpuSecond / inOne.evaluationsPerCpuSecond,
          'alert-rate-flows': ours.evaluationsPerCpuSecond / flows.evaluationsPerCpuSecond,
          'alert-memory': inOne.peakMegabytes / ours.peakMegabytes,
          'alert-memory-flows': flows.peakMegabytes / ours.peakMegabytes,
        },
      }
    },
  }
}

function describeLatency({ p50Ms, p99Ms, cores, peakMegabytes }: LatencyOutcome): string {
  const [p50, p99, share, memory] = [p50Ms, p99Ms, cores, peakMegabytes].map(formatNumber)
  return `to the webhook p50 ${p50} ms, p99 ${p99} ms, ${share} cores, peak ${memory} MB`
}

function describeRate(outcome: RateOutcome): string {
  const { steadyCores, evaluationsPerSecond, evaluationsPerCpuSecond, peakMegabytes } = outcome
  const figures = [evaluationsPerSecond, 1e9 / evaluationsPerCpuSecond, steadyCores, peakMegabytes]
  const [rate, cost, share, memory] = figures.map(formatNumber)
  return `${rate} evaluations/s, CPU ${cost} ns each; ${share} cores with 500 readings/s; peak ${memory} MB`
}
