import { join } from 'node:path'
import type { Command } from 'commander'
import { type RunOperation, startControl } from '../control/server.ts'
import { runOperation } from '../operations/operations.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { startSimulators } from '../simulators/simulators.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { clock, createLog, stopOnSignal, untilAborted } from './process.ts'
import { VERSION } from './version.ts'

export function addSimulate(program: Command): void {
  withCommonFlags(program.command('simulate'))
    .description('run the simulated devices of a registry, and nothing else')
    .action(simulate)
}

async function simulate(flags: CommonFlags): Promise<void> {
  const { settings, registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const log = createLog(settings)
  const stopping = stopOnSignal()
  const simulators = await startSimulators({
    registry,
    clock,
    ...settings.simulators,
    log,
    folder: join(settings.data, 'simulators'),
  })
  // Who plays devices alone has no stores: only what commands ask of simulators is done here.
  const without = () => Promise.reject(new Error('this process only plays devices'))
  const stores = {
    readings: without,
    records: without,
    figures: without,
    statements: without,
    revisions: without,
    purchases: without,
    forecasts: without,
    quarantine: without,
    units: without,
  }
  const parts = {
    ...stores,
    settings,
    registry,
    clock,
    log,
    simulators,
    version: VERSION,
    baseUrl: () => '',
    changed: () => {},
    restated: () => {},
  }
  const run: RunOperation = (...request) => runOperation(parts, ...request)
  const control = await startControl({ folder: settings.data, run, log })
  for (const [connection, { host, port }] of simulators.addresses)
    console.log(`${connection}: ${host}:${port}`)
  await untilAborted(stopping)
  await control.close()
  await simulators.close()
}
