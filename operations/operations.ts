import type { OperationContext } from '../control/server.ts'
import type { OperationParts } from './operation.ts'

/** Every operation, by the name under which the control socket knows it; loaded when it is asked for. */
const OPERATIONS = {
  backup: async () => (await import('./backup.ts')).backUp,
  export: async () => (await import('./export.ts')).exportHistory,
  import: async () => (await import('./import.ts')).importFile,
  publish: async () => (await import('./publish.ts')).publishAll,
  purchase: async () => (await import('./purchase.ts')).purchase,
  state: async () => (await import('./state.ts')).state,
  status: async () => (await import('./status.ts')).tellStatus,
  makeLoginLink: async () => (await import('./login-link.ts')).makeLoginLink,
  listQuarantine: async () => (await import('./quarantine.ts')).listQuarantine,
  listScenarios: async () => (await import('./scenarios.ts')).listScenarios,
  startScenario: async () => (await import('./scenarios.ts')).startScenario,
  endScenario: async () => (await import('./scenarios.ts')).endScenario,
  preparePowerCut: async () => (await import('./scenarios.ts')).preparePowerCut,
  replayRules: async () => (await import('./replay-rules.ts')).replayRules,
  replayQuarantine: async () => (await import('./quarantine.ts')).replayItems,
  verifyRows: async () => (await import('./verify-rows.ts')).verifyRows,
} as const

export type OperationName = keyof typeof OPERATIONS
type OperationOf<N extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[N]>>
export type ArgumentsOf<N extends OperationName> = Parameters<OperationOf<N>>[1]
export type ResultOf<N extends OperationName> = Awaited<ReturnType<OperationOf<N>>>

/** @throws Error when there is no such operation, or what it throws */
export async function runOperation(
  parts: OperationParts,
  name: string,
  args: unknown,
  context: OperationContext,
): Promise<unknown> {
  if (!Object.hasOwn(OPERATIONS, name))
    throw new Error(`the hub knows no operation ${name}: is it another version than the command?`)
  const operation = await OPERATIONS[name as OperationName]()
  return operation(parts, args as never, context)
}
