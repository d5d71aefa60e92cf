import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { makeFolder } from '../bus/folders.ts'
import { unpackFigures } from '../store/figures/packed-figures.ts'
import type { FigureStore } from '../store/figures.ts'
import type { Sources } from './dataset.ts'
import { WORK_FOLDER } from './objects.ts'

export type KeptFigures = Sources['figures'] & { close(): void }

/**
 * Figures for one publication, whose datasets ask for the same days: those are read from the store once, and then from
 * a file, as there may be more than fit into memory.
 * @param folder of the publication
 */
export function keepFigures(store: Pick<FigureStore, 'packed'>, folder: string): KeptFigures {
  const work = join(folder, WORK_FOLDER)
  makeFolder(work)
  const path = join(work, 'figures')
  const file = openSync(path, 'w+', 0o600)
  // It is gone with the process, however that ends.
  rmSync(path)
  const kept = new Map<string, { at: number; bytes: number }>()
  let end = 0
  let read = Buffer.alloc(0)
  return {
    async consumption(meter, period, from, to) {
      const key = `${meter} ${from} ${to}`
      const place = kept.get(key)
      if (place && period === 'day') {
        if (read.length < place.bytes) read = Buffer.allocUnsafe(place.bytes)
        readSync(file, read, 0, place.bytes, place.at)
        return unpackFigures(deserialize(read.subarray(0, place.bytes)))
      }
      const figures = await store.packed(meter, period, from, to)
      if (period === 'day') {
        const bytes = serialize(figures)
        writeSync(file, bytes, 0, bytes.length, end)
        kept.set(key, { at: end, bytes: bytes.length })
        end += bytes.length
      }
      return unpackFigures(figures)
    },
    close: () => closeSync(file),
  }
}
