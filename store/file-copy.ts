import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

export interface CopyOptions {
  /** Told how many more bytes are done. */
  onBytes?: (count: number) => void
  signal?: AbortSignal
}

/** What a file holds: its length, and the SHA-256 of its bytes, hexadecimal. */
export interface FileContent {
  bytes: number
  sha256: string
}

/** Small enough to be hashed between two turns of the event loop. */
const PIECE_BYTES = 256 * 1024

/**
 * Copies a file, as long as it is now or its first `bytes`, into a new one, which is on the disk when this resolves.
 * @throws Error of the file system, also where there is a file already; what was written by then stays.
 */
export async function copyFile(
  from: string,
  to: string,
  { bytes, ...options }: CopyOptions & { bytes?: number } = {},
): Promise<FileContent> {
  const length = bytes ?? (await stat(from)).size
  const hash = createHash('sha256')
  const target = createWriteStream(to, { flags: 'wx', flush: true })
  await pipeline(readPieces(from, length, hash, options), target)
  return { bytes: length, sha256: hash.digest('hex') }
}

/** @throws Error of the file system. */
export async function readContent(file: string, options: CopyOptions = {}): Promise<FileContent> {
  const { size } = await stat(file)
  const hash = createHash('sha256')
  for await (const _ of readPieces(file, size, hash, options));
  return { bytes: size, sha256: hash.digest('hex') }
}

async function* readPieces(file: string, bytes: number, hash: Hash, { onBytes, signal }: CopyOptions) {
  let left = bytes
  const end = Math.max(0, bytes - 1)
  for await (const piece of createReadStream(file, { end, highWaterMark: PIECE_BYTES })) {
    signal?.throwIfAborted()
    const wanted: Buffer = piece.subarray(0, left)
    left -= wanted.length
    hash.update(wanted)
    onBytes?.(wanted.length)
    yield wanted
  }
  if (left > 0) throw new Error(`${file} became shorter while it was read`)
}
