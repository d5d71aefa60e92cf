import { findChangedUnits } from '../ingest/changed-units.ts'
import { type ReplayOutcome, replayQuarantine } from '../ingest/replay.ts'
import type { KeptItem, QuarantineFilter, QuarantineGroup, QuarantineTotal } from '../store/quarantine.ts'
import type { Operation } from './operation.ts'

export interface QuarantineListing {
  /** By kind, sender and reason, the largest first. */
  groups: QuarantineGroup[]
  totals: QuarantineTotal[]
  /** The newest first. */
  items: KeptItem[]
}

const GROUPS = 200

/** What is in the quarantine of the data folder, at most `limit` items of it. */
export const listQuarantine: Operation<QuarantineFilter & { limit: number }, QuarantineListing> = async (
  parts,
  { limit, ...filter },
) => {
  const quarantine = await parts.quarantine()
  return {
    groups: quarantine.groups(filter, GROUPS),
    totals: quarantine.totals(),
    items: quarantine.list(filter, { limit }),
  }
}

/** Takes what is in the quarantine through ingest once more. */
export const replayItems: Operation<QuarantineFilter & { unit?: string }, ReplayOutcome> = async (
  { quarantine, readings, records, units, registry, clock, changed },
  { unit, ...filter },
  { progress, signal },
) => {
  progress('Replaying')
  const store = await readings()
  return replayQuarantine({
    quarantine: await quarantine(),
    store,
    refused: await findChangedUnits(await units(), registry.points.values(), store),
    unitOf: point => registry.points.get(point)?.unit,
    unit,
    records,
    filter,
    clock,
    onStored({ points, times }) {
      for (const [i, point] of points.entries()) changed(point, times[i]!, times[i]!)
    },
    signal,
  })
}
