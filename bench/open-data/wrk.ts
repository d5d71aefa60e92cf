import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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

/** Until programs are translated and memories filled, on either side; few, so that none waits at the end. */
const WARM_UP = { clients: 20, seconds: 2 }

/** Asks for one path after the other of those that are given to the script. */
const EACH_PATH = `local paths, n = {}, 0
function init(args) for line in io.lines(args[1]) do paths[#paths + 1] = line end end
function request() n = n % #paths + 1; return wrk.format("GET", paths[n]) end
`

/** What is asked for. */
export interface Asked {
  /** Without a path. */
  server: string
  /** One is asked for after the other. */
  paths: readonly string[]
  headers?: readonly string[]
}

/**
 * Has so many clients that stay connected ask a server, as fast as it answers, once warm.
 * @param folder for files of its own
 * @throws Error where any answer is not a success
 */
export async function load(asked: Asked, seconds: number, folder: string): Promise<Load> {
  const [script, list] = [join(folder, 'each-path.lua'), join(folder, 'paths')]
  await writeFile(script, EACH_PATH)
  await writeFile(list, asked.paths.join('\n'))
  const run = (clients: number, duration: number) =>
    measure(asked, [`-c${clients}`, `-d${duration}s`, '-s', script], [list])
  await run(WARM_UP.clients, WARM_UP.seconds)
  return run(CLIENTS, seconds)
}

async function measure(
  { server, headers = [] }: Asked,
  options: string[],
  scriptArgs: string[],
): Promise<Load> {
  const given = headers.flatMap(header => ['-H', header])
  const args = ['-t1', '--timeout', '30s', '--latency', ...given, ...options]
  const { stdout } = await promisify(execFile)(peerProgram('wrk'), [...args, server, '--', ...scriptArgs])
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)
  if (failed) throw new Error(`${server}: ${failed[0]}`)
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s|m)/.exec(stdout)!
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout)!
  const [, bytes, size] = /Transfer\/sec:\s+([\d.]+)([KMG]?B)/.exec(stdout)!
  return {
    requestsPerSecond: Number(rate),
    megabytesPerSecond: Number(bytes) * SIZES[size!]!,
    p99Ms: Number(p99) * UNITS[unit!]!,
  }
}
