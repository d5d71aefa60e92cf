import { describeProblem } from '../registry/problem.ts'
import type { Operation } from './operation.ts'

export interface HubStatus {
  pid: number
  /** Of a hub that runs: what of the files of its registry is not in force, and why. */
  registry?: { refused: string[]; awaitsRestart: readonly string[] }
  /** Senders and streams of which readings were stored, and the highest number without holes of each. */
  streams: { sender: string; stream: string; run: string; upTo: number }[]
  /** What retention has deleted, of how many points, and the source time before which all of it lies, ms UTC. */
  deleted?: { readings: number; points: number; before: number }
}

export const tellStatus: Operation<Record<string, never>, HubStatus> = async ({
  readings,
  registryState,
}) => {
  const store = await readings()
  const positions = await store.positions()
  const deleted = (await store.deleted?.()) ?? []
  const standing = registryState?.()
  return {
    pid: process.pid,
    ...(standing && {
      registry: {
        refused: (standing.refused?.problems ?? []).map(describeProblem),
        awaitsRestart: standing.awaitsRestart,
      },
    }),
    streams: positions.map(({ sender, stream, run, upTo }) => ({ sender, stream, run, upTo })),
    ...(deleted.length > 0 && {
      deleted: {
        readings: deleted.reduce((sum, { count }) => sum + count, 0),
        points: deleted.length,
        before: deleted.reduce((latest, { before }) => Math.max(latest, before), -Infinity),
      },
    }),
  }
}
