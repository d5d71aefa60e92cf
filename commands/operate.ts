import { existsSync } from 'node:fs'
import { refuseUnfinished } from '../archive/data-files.ts'
import { askHub, reachHub } from '../control/client.ts'
import type { OperationContext } from '../control/server.ts'
import type { ArgumentsOf, OperationName, ResultOf } from '../operations/operations.ts'
import { runOperation } from '../operations/operations.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { lazyStores } from '../stores.ts'
import { type CommonFlags, settingsOptions } from './flags.ts'
import { clock, createLog, stopOnSignal } from './process.ts'
import { showProgress } from './progress.ts'
import { VERSION } from './version.ts'

/**
 * Has the running hub of a data folder do something; where none runs, opens the stores and does it here.
 * Progress is shown on standard error, so that the result can be piped.
 */
export async function operate<N extends OperationName>(
  flags: CommonFlags,
  name: N,
  args: ArgumentsOf<N>,
): Promise<ResultOf<N>> {
  const { settings, registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  const bar = showProgress(process.stderr)
  const context: OperationContext = { progress: bar.step, signal: stopOnSignal() }
  try {
    if (!existsSync(settings.data)) throw new Error(`there is no data folder ${settings.data}`)
    refuseUnfinished(settings.data)
    const hub = await reachHub(settings.data)
    if (hub) return (await askHub(hub, name, args, context)) as ResultOf<N>
    await using opened = new AsyncDisposableStack()
    const keep = <T extends { close(): unknown }>(store: T): T => {
      opened.defer(async () => {
        await store.close()
      })
      return store
    }
    const log = createLog(settings)
    const stores = lazyStores({ settings, registry, clock, log, keep })
    // What a command changed while no hub ran is found at the hub's next start.
    const parts = {
      ...stores,
      settings,
      registry,
      version: VERSION,
      clock,
      log,
      baseUrl: () => settings.publicBaseUrl,
      changed: () => {},
      restated: () => {},
    }
    return (await runOperation(parts, name, args, context)) as ResultOf<N>
  } finally {
    bar.end()
  }
}
