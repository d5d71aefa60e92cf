import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { peerProgram } from '../../test/peers/cache.ts'

export interface Load {
  requestsPerSecond: number
  megabytesPerSecond: number
  p99Ms: number
}

const CLIENTS = 500
const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }
const SIZES: Record<string, number> = { B: 1e-6, KB: 0.001_024, MB: 1.048_576, GB: 1073.741_824 }

/**
 * Has so many clients that stay connected ask for one address, as fast as it is answered.
 * @throws Error where any answer is not a success
 */
export async function load(url: string, seconds: number, headers: string[] = []): Promise<Load> {
  const given = headers.flatMap(header => ['-H', header])
  const args = ['-t1', `-c${CLIENTS}`, `-d${seconds}s`, '--timeout', '30s', '--latency', ...given, url]
  const { stdout } = await promisify(execFile)(peerProgram('wrk'), args)
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)
  if (failed) throw new Error(`${url}: ${failed[0]}`)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s|m)/.exec(stdout)!
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout)!
  const [, bytes, size] = /Transfer\/sec:\s+([\d.]+)([KMG]?B)/.exec(stdout)!
  return {
    requestsPerSecond: Number(rate),
    megabytesPerSecond: Number(bytes) * SIZES[size!]!,
    p99Ms: Number(p99) * UNITS[unit!]!,
  }
}
