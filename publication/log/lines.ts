import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, syncFolder } from '../../bus/folders.ts'

/** A file of lines that only grows. */
export interface LineFile {
  readonly count: number
  /** How many bytes of an unfinished line were cut off at the end when it was opened. */
  readonly torn: number
  /** The line of a place, without its line feed. */
  read(index: number): Buffer
  /**
   * Adds a line, without line feeds in it; it is on the disk when this returns.
   * @throws Error naming the file where it cannot be written; it then ends as before
   */
  append(line: Uint8Array): void
  close(): void
}

const LINE_FEED = 10

/**
 * Opens a file of lines, and makes it where it is missing.
 * @param take given every line that is there, in order; what it throws is told with the place of the line
 */
export function openLineFile(file: string, take: (line: Buffer) => void): LineFile {
  makeFolder(dirname(file))
  const descriptor = openSync(file, 'a+', 0o640)
  try {
    syncFolder(dirname(file))
    const { starts, torn } = readLines(readFileSync(descriptor), file, take)
    if (torn > 0) ftruncateSync(descriptor, starts.at(-1))
    // A process that was killed may have left lines that are not on the disk.
    fsyncSync(descriptor)
    return lineFile(file, descriptor, starts, torn)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/**
 * Gives every whole line, in order.
 * @returns where each line begins, and where the next one will; how many bytes follow the last
 */
export function readLines(
  bytes: Buffer,
  file: string,
  take: (line: Buffer) => void,
): { starts: number[]; torn: number } {
  const starts = [0]
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, end + 1)) {
    try {
      take(bytes.subarray(starts.at(-1), end))
    } catch (error) {
      throw new Error(`line ${starts.length} of ${file}: ${(error as Error).message}`, { cause: error })
    }
    starts.push(end + 1)
  }
  return { starts, torn: bytes.length - starts.at(-1)! }
}

function lineFile(file: string, descriptor: number, starts: number[], torn: number): LineFile {
  let broken: Error | undefined
  return {
    get count() {
      return starts.length - 1
    },
    torn,
    read(index) {
      const line = Buffer.alloc(starts[index + 1]! - 1 - starts[index]!)
      for (let at = 0; at < line.length; ) {
        const read = readSync(descriptor, line, at, line.length - at, starts[index]! + at)
        if (read === 0) throw new Error(`${file} has become shorter`)
        at += read
      }
      return line
    },
    append(line) {
      if (broken) throw broken
      const end = starts.at(-1)!
      const bytes = Buffer.concat([line, Buffer.of(LINE_FEED)])
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
        fsyncSync(descriptor)
      } catch (error) {
        const failed = new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error })
        // Without this the next line would begin in the middle of this one.
        broken = failed
        ftruncateSync(descriptor, end)
        broken = undefined
        throw failed
      }
      starts.push(end + bytes.length)
    },
    close: () => closeSync(descriptor),
  }
}
