import type { Command } from 'commander'
import { loadHub } from '../registry/hub.ts'
import { openLiveRegistry } from '../registry/live.ts'
import { ROLES } from '../registry/roles.ts'
import { startHub } from '../start.ts'
import { parsePort, parseRoles, type StartFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { clock, createLog, stopOnSignal, untilAborted } from './process.ts'
import { showProgress } from './progress.ts'

/** A changed file of the registry is taken over when it stands still for so long. */
const LOOK_EVERY_MS = 1000

export function addStart(program: Command): void {
  withCommonFlags(program.command('start'))
    .description('run the hub, or some of its roles; without anything else, the demonstration territory')
    .option('--roles <list>', `comma-separated: ${ROLES.join(', ')}`, parseRoles)
    .option('--http-port <n>', 'port of the API and the console; 0 picks a free one', parsePort)
    .option('--mqtt-port <n>', 'port of the embedded broker; 0 picks a free one', parsePort)
    .action(flags => start(flags, program.version()!))
}

async function start(flags: StartFlags, version: string): Promise<void> {
  const stopping = stopOnSignal()
  while (!stopping.aborted) {
    const restarting = new AbortController()
    const { settings, registry: loaded, files } = await loadHub(settingsOptions(flags))
    const log = createLog(settings)
    const registryFiles = openLiveRegistry({ ...files, registry: loaded, clock, log })
    const { registry } = registryFiles
    for (const warning of [...settings.warnings, ...registry.warnings]) console.error(`warning: ${warning}`)
    const progress = showProgress(process.stdout)
    const hub = await startHub({
      settings,
      registry,
      registryFiles,
      version,
      clock,
      log,
      progress: progress.step,
      restart: () => restarting.abort(),
      signal: stopping,
    }).finally(progress.end)
    // What a gateway follows comes by letter.
    if (!settings.follow) registryFiles.follow(LOOK_EVERY_MS)
    if (hub.loginLink) console.log(`First start: become the administrator with ${hub.loginLink}`)
    console.log(hub.url ? `Affluent is ready: ${hub.url}` : 'Affluent is ready')
    await untilAborted(AbortSignal.any([stopping, restarting.signal]))
    await registryFiles.close()
    await hub.close()
  }
}
