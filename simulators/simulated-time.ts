import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'

/** Which time it is in the simulated world, ms UTC, at a true time. */
export type SimulatedTime = (time: number) => number

interface Anchor {
  /** True and simulated time of the last start, ms UTC. */
  since: number
  simulated: number
  speed: number
}

/**
 * A world that goes `speed` times as fast, and on where it was at the last start: its meters never go back. At the
 * first start it is as late there as here.
 */
export function openSimulatedTime(file: string, speed: number, now: number): SimulatedTime {
  const before = readJsonFile(file) as Anchor | undefined
  if (!before && speed === 1) return time => time
  const anchor = { since: now, simulated: before ? timeThere(before, now) : now, speed }
  replaceJsonFile(file, anchor)
  return time => timeThere(anchor, time)
}

function timeThere({ since, simulated, speed }: Anchor, time: number): number {
  return Math.floor(simulated + (time - since) * speed)
}
