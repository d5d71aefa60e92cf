import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry, Outbox } from './contract.ts'
import { lockFolder } from './folder-lock.ts'
import { makeFolder, syncFolder } from './folders.ts'
import { type OutboxOptions, openOutbox } from './outbox.ts'
import { placeOf, readState } from './outbox-state.ts'

/** Runs of outboxes that were copied or moved here, until all is sent: `earlier/<run>/<stream>`. */
const EARLIER = 'earlier'

export interface OutboxRuns<E extends Entry> {
  current: Outbox<E>
  /** Take nothing new. */
  earlier: Outbox<E>[]
  close(): Promise<void>
  /** As {@link Outbox.abandon}, of all of them. */
  abandon(): void
}

/**
 * Opens the outbox of a stream, and those of its earlier runs in which something waits. An outbox that is not
 * where it was written (its folder was copied, restored or moved) ends: its original may go on elsewhere and
 * give the same numbers to other entries. What waits in it is still sent under its own run, which both may
 * do; new entries begin a new one.
 * @throws Error as {@link openOutbox}.
 */
export async function openOutboxRuns<E extends Entry>(options: OutboxOptions): Promise<OutboxRuns<E>> {
  const { folder, stream } = options
  await using opening = new AsyncDisposableStack()
  const open = async (place: Partial<OutboxOptions>) => {
    const outbox = await openOutbox<E>({ ...options, ...place })
    opening.defer(() => outbox.close())
    return outbox
  }
  const moved = endMovedRun(folder, stream)
  if (moved)
    options.log.warn(
      { outbox: join(folder, stream), run: moved },
      'the outbox was copied or moved here: what waits in it keeps its run, a new one begins',
    )
  const current = await open({})
  const earlier: Outbox<E>[] = []
  for (const run of listRuns(join(folder, EARLIER), stream)) {
    const of = join(folder, EARLIER, run)
    const outbox = await open({ folder: of, ended: true })
    if (outbox.waiting > 0) earlier.push(outbox)
    else {
      await outbox.close()
      rmSync(join(of, stream), { recursive: true })
    }
  }
  const opened = opening.move()
  return {
    current,
    earlier,
    close: () => opened.disposeAsync(),
    abandon() {
      for (const outbox of [current, ...earlier]) outbox.abandon()
    },
  }
}

/** Puts an outbox that is not in its place aside, in one step, and returns its run. */
function endMovedRun(folder: string, stream: string): string | undefined {
  const own = join(folder, stream)
  makeFolder(own)
  const lock = lockFolder(own)
  try {
    const { place, run } = readState(own)
    if (place === undefined || place === placeOf(own)) return undefined
    makeFolder(join(folder, EARLIER, run))
    renameSync(own, join(folder, EARLIER, run, stream))
    for (const changed of [join(folder, EARLIER, run), folder]) syncFolder(changed)
    return run
  } finally {
    lock.release()
  }
}

function listRuns(folder: string, stream: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter(run => existsSync(join(folder, run, stream)))
}
