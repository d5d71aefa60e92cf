import type { Operation } from './operation.ts'

export interface HubStatus {
  pid: number
  /** Senders and streams of which readings were stored, and the highest number without holes of each. */
  streams: { sender: string; stream: string; run: string; upTo: number }[]
}

export const tellStatus: Operation<Record<string, never>, HubStatus> = async ({ readings }) => {
  const positions = await (await readings()).positions()
  return {
    pid: process.pid,
    streams: positions.map(({ sender, stream, run, upTo }) => ({ sender, stream, run, upTo })),
  }
}
