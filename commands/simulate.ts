import { join } from 'node:path'
import type { Command } from 'commander'
import { loadHub } from '../registry/hub.ts'
import { startSimulators } from '../simulators/simulators.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { clock, createLog, stopOnSignal, untilAborted } from './process.ts'

export function addSimulate(program: Command): void {
  withCommonFlags(program.command('simulate'))
    .description('run the simulated devices of a registry, and nothing else')
    .action(simulate)
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
