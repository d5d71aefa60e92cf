import type { OperationContext } from '../control/server.ts'
import { backUp } from './backup.ts'
import { exportHistory } from './export.ts'
import { importFile } from './import.ts'
import { makeLoginLink } from './login-link.ts'
import type { OperationParts } from './operation.ts'
import { listQuarantine, replayItems } from './quarantine.ts'
import { tellStatus } from './status.ts'

/** Every operation, by the name under which the control socket knows it. */
export const OPERATIONS = {
  backup: backUp,
  export: exportHistory,
  import: importFile,
  status: tellStatus,
  makeLoginLink,
  listQuarantine,
  replayQuarantine: replayItems,
} as const

export type OperationName = keyof typeof OPERATIONS
export type ArgumentsOf<N extends OperationName> = Parameters<(typeof OPERATIONS)[N]>[1]
export type ResultOf<N extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[N]>>

/** @throws Error when there is no such operation, or what it throws */
export async function runOperation(
  parts: OperationParts,
  name: string,
  args: unknown,
  context: OperationContext,
): Promise<unknown> {
  if (!Object.hasOwn(OPERATIONS, name))
    throw new Error(`the hub knows no operation ${name}: is it another version than the command?`)
  return OPERATIONS[name as OperationName](parts, args as never, context)
}
