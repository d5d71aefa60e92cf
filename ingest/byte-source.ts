import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

/** Bytes that can be read from their beginning as often as wanted: of a file, or of what is in one. */
export interface ByteSource {
  /** What errors call it. */
  name: string
  /** Where it is a file of the disk. */
  file?: string
  open(): Promise<Readable>
}

/** What is wrong with a file, or with what is in one. */
export class FileError extends Error {
  override readonly name = 'FileError'
  /** Without the name of the file. */
  readonly reason: string

  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`${file}: ${reason}`, options)
    this.reason = reason
  }
}

/** What went wrong while something was read; what names it already stays as it is. */
export function fileError(file: string, error: unknown): FileError {
  return error instanceof FileError ? error : new FileError(file, (error as Error).message, { cause: error })
}

export function fileSource(file: string): ByteSource {
  return { name: file, file, open: async () => createReadStream(file) }
}

/** The first bytes, so many at most. */
export async function readHead(source: ByteSource, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of await source.open()) {
    pieces.push(piece)
    length += piece.length
    if (length >= bytes) break
  }
  return Buffer.concat(pieces).subarray(0, bytes)
}

/** @throws FileError where there are more bytes than that */
export async function readWhole(source: ByteSource, most: number): Promise<Buffer<ArrayBuffer>> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of await source.open()) {
    length += piece.length
    if (length > most) throw new FileError(source.name, `is larger than ${most / 1024 ** 2} MiB`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
