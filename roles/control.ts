import { type RunOperation, startControl } from '../control/server.ts'
import type { OperationParts } from '../operations/operation.ts'
import { runOperation } from '../operations/operations.ts'
import type { HubParts } from './parts.ts'

/** Lets commands have the hub do what needs its stores. */
export async function startControlOf(
  parts: HubParts,
  {
    changed,
    restated,
    simulators,
    publisher,
  }: Pick<OperationParts, 'changed' | 'restated' | 'simulators' | 'publisher'>,
): Promise<void> {
  const { settings, registry, registryFiles, version, clock, log, stores, keep, plays, address } = parts
  const elsewhere = () =>
    Promise.reject(
      new Error(
        'figures, records, statements, revisions and purchases belong to the process with the role api',
      ),
    )
  const owned = plays('api')
    ? stores
    : {
        ...stores,
        figures: elsewhere,
        records: elsewhere,
        statements: elsewhere,
        revisions: elsewhere,
        purchases: elsewhere,
      }
  const baseUrl = () => address.baseUrl
  const registryState = () => registryFiles.state
  const given = {
    ...owned,
    settings,
    registry,
    registryState,
    clock,
    log,
    baseUrl,
    changed,
    restated,
    simulators,
    publisher,
    version,
  }
  const run: RunOperation = (...request) => runOperation(given, ...request)
  keep(await startControl({ folder: settings.data, run, log }))
}
