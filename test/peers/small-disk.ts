import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  folder: string
  /** Takes what room is left. */
  fill(): Promise<void>
  /** Gives it back. */
  clear(): Promise<void>
  unmount(): void
}

/** A file system in memory, or undefined where one may not be mounted (it takes root). */
export function mountSmallDisk(mebibytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'affluent-disk-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]).status !== 0) {
    rmdirSync(folder)
    return undefined
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      const file = await open(filler, 'a')
      try {
        for (const size of [1024 ** 2, 4096])
          while (
            await file.write(Buffer.alloc(size)).then(
              ({ bytesWritten }) => bytesWritten === size,
              () => false,
            )
          );
      } finally {
        await file.close()
      }
    },
    clear: () => rm(filler),
    unmount() {
      spawnSync('umount', ['--lazy', folder])
      rmdirSync(folder)
    },
  }
}
