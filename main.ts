import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { pino } from 'pino'
import { createApiToken, createLoginLink } from './api/auth/tokens.ts'
import { writeDashboards } from './dashboards/grafana/dashboards.ts'
import type { Clock } from './model/clock.ts'
import { loadHub, summarizeRegistry } from './registry/hub.ts'
import { RegistryError } from './registry/problem.ts'
import { ROLES, type Role } from './registry/roles.ts'
import type { Settings, SettingsOptions } from './registry/settings.ts'
import { startSimulators } from './simulators/simulators.ts'
import { startHub } from './start.ts'
import { openRecordStore } from './store/records/record-store.ts'
import { showProgress } from './terminal.ts'

/** The command line. A wrong word, file or setting, or a port in use, ends with one clear line and exit 2. */

const EXIT_REFUSED = 2
/** What has not stopped by then is ended: everything that was acknowledged is on disk. */
const STOP_DEADLINE_MS = 4500

const clock: Clock = { now: () => Date.now(), elapsed: () => performance.now() }
const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

interface CommonFlags {
  hub?: string
  territory?: string
  data?: string
}

interface StartFlags extends CommonFlags {
  roles?: Role[]
  httpPort?: number
  mqttPort?: number
}

const program = new Command('affluent')
  .description('A smart-territory data hub for public buildings and roads.')
  .version(version)
  .showHelpAfterError('(affluent --help lists the commands)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_REFUSED))

withCommonFlags(program.command('start'))
  .description('run the hub, or some of its roles; without anything else, the demonstration territory')
  .option('--roles <list>', `comma-separated: ${ROLES.join(', ')}`, parseRoles)
  .option('--http-port <n>', 'port of the API and the console; 0 picks a free one', parsePort)
  .option('--mqtt-port <n>', 'port of the embedded broker; 0 picks a free one', parsePort)
  .action(start)

withCommonFlags(program.command('check'))
  .description('check the registry and the settings; lists everything that is wrong')
  .action(async (flags: CommonFlags) => {
    const { registry, settings } = await loadHub(settingsOptions(flags))
    for (const warning of settings.warnings) console.error(`warning: ${warning}`)
    console.log(summarizeRegistry(registry))
  })

withCommonFlags(program.command('simulate'))
  .description('run the simulated devices of a registry, and nothing else')
  .action(simulate)

withCommonFlags(program.command('token'))
  .description('make an API token for a script; it is shown once')
  .requiredOption('--actor <name>', 'who writes with it, as the audit shows it')
  .option('--expires-in-days <n>', 'default: valid until revoked', parseCount)
  .action(async (flags: CommonFlags & { actor: string; expiresInDays?: number }) => {
    const { settings } = await loadHub(settingsOptions(flags))
    const records = openRecordStore({ file: join(settings.data, 'records.sqlite') })
    const { token } = createApiToken({
      records,
      clock,
      actor: flags.actor,
      expiresInDays: flags.expiresInDays,
    })
    records.close()
    console.log(token)
  })

withCommonFlags(program.command('login-link'))
  .description('make a one-time link that opens a session of the administrator; the links before it end')
  .action(async (flags: CommonFlags) => {
    const { settings } = await loadHub(settingsOptions(flags))
    const records = openRecordStore({ file: join(settings.data, 'records.sqlite') })
    console.log(createLoginLink({ records, clock, baseUrl: settings.publicBaseUrl }))
    records.close()
  })

withCommonFlags(program.command('dashboards'))
  .description('generate the Grafana dashboards of a registry')
  .requiredOption('--out <folder>', 'where to write them')
  .action(async (flags: CommonFlags & { out: string }) => {
    const { registry } = await loadHub(settingsOptions(flags))
    const files = await writeDashboards(registry, flags.out)
    console.log(`${files.length} dashboards written to ${flags.out}`)
  })

async function start(flags: StartFlags): Promise<void> {
  const { settings, registry } = await loadHub(settingsOptions(flags))
  for (const warning of settings.warnings) console.error(`warning: ${warning}`)
  const stopping = stopOnSignal()
  const progress = showProgress(process.stdout)
  const hub = await startHub({
    settings,
    registry,
    version,
    clock,
    log: createLog(settings),
    progress: progress.step,
    signal: stopping,
  }).finally(progress.end)
  if (hub.loginLink) console.log(`First start: become the administrator with ${hub.loginLink}`)
  console.log(hub.url ? `Affluent is ready: ${hub.url}` : 'Affluent is ready')
  await untilAborted(stopping)
  await hub.close()
}

async function simulate(flags: CommonFlags): Promise<void> {
  const { settings, registry } = await loadHub(settingsOptions(flags))
  const stopping = stopOnSignal()
  const simulators = await startSimulators({
    registry,
    clock,
    seed: settings.simulators.seed,
    log: createLog(settings),
    pkiFolder: join(settings.data, 'simulators', 'pki'),
  })
  for (const [connection, { host, port }] of simulators.addresses)
    console.log(`${connection}: ${host}:${port}`)
  await untilAborted(stopping)
  await simulators.close()
}

function withCommonFlags(command: Command): Command {
  return command
    .option('--hub <file>', 'settings; default: hub.yaml where there is one')
    .option('--territory <path>', 'registry: a file or a folder')
    .option('--data <folder>', 'where everything is kept; default: data')
}

function settingsOptions(flags: StartFlags): SettingsOptions {
  const { hub, territory, data, roles, httpPort, mqttPort } = flags
  return {
    file: hub,
    overrides: {
      ...(territory !== undefined && { territory }),
      ...(data !== undefined && { data }),
      ...(roles && { roles }),
      ...(httpPort !== undefined && { http: { port: httpPort } }),
      ...(mqttPort !== undefined && { mqtt: { port: mqttPort } }),
    },
  }
}

/** Logs go to standard error as JSON lines; a service manager or a container keeps them. */
function createLog({ logLevel }: Settings) {
  return pino({ level: logLevel, base: undefined }, pino.destination({ fd: 2, sync: true }))
}

/** Aborts on the first SIGINT or SIGTERM; a second one, or the deadline, ends the process at once. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
    setTimeout(() => {
      console.error('Not everything stopped in time: the rest is cut off; what was acknowledged is kept.')
      process.exit(1)
    }, STOP_DEADLINE_MS).unref()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return controller.signal
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    // Keeps the process alive also where no part listens on anything.
    const alive = setInterval(() => {}, 3_600_000)
    signal.addEventListener('abort', () => {
      clearInterval(alive)
      resolve()
    })
  })
}

function parseRoles(list: string): Role[] {
  return list.split(',').map(name => {
    const role = ROLES.find(known => known === name.trim())
    if (!role) throw new InvalidArgumentError(`There is no role ${name}; there are ${ROLES.join(', ')}.`)
    return role
  })
}

function parsePort(text: string): number {
  const port = parseCount(text)
  if (port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return port
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'AbortError') {
    console.error(error instanceof RegistryError || !process.env.DEBUG ? (error as Error).message : error)
    process.exitCode = EXIT_REFUSED
  }
}
process.exit()
