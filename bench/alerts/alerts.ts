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
      const [quick, quickPeer] = [await latency('affluent'), await latency('node-red')]
      const [rated, ratedPeer] = [await rate('affluent'), await rate('node-red')]
      return {
        figures: { 'alert-latency-p50-ms': quick.p50Ms, 'alert-latency-p99-ms': quick.p99Ms },
        ratios: {
          'alert-latency': quickPeer.p99Ms / quick.p99Ms,
          'alert-latency-p50': quickPeer.p50Ms / quick.p50Ms,
          'alert-latency-cpu': quickPeer.cores / quick.cores,
          'alert-latency-memory': quickPeer.peakMegabytes / quick.peakMegabytes,
          'alert-rate': rated.evaluationsPerCpuSecond / ratedPeer.evaluationsPerCpuSecond,
          'alert-rate-sustained': rated.evaluationsPerSecond / ratedPeer.evaluationsPerSecond,
          'alert-rate-cpu': ratedPeer.steadyCores / rated.steadyCores,
          'alert-rate-memory': ratedPeer.peakMegabytes / rated.peakMegabytes,
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
