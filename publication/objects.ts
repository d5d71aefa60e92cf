import { createHash, type Hash } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../bus/folders.ts'

/** Bytes that are kept under their SHA-256 (lower-case hex), and never change. */
export interface StoredObject {
  sha256: string
  bytes: number
}

export const OBJECTS = 'objects'
/** Of what is being written; no backup holds it. */
export const WORK_FOLDER = 'publishing.tmp'

/** Characters. */
const BUFFERED = 64 * 1024

/** Where an object is; objects are spread over 256 folders. */
export function objectPath(folder: string, sha256: string): string {
  return join(folder, OBJECTS, sha256.slice(0, 2), sha256)
}

/** Makes an object of a text. */
export function keepText(folder: string, name: string, text: string): StoredObject {
  makeFolder(join(folder, WORK_FOLDER))
  const file = new HashedFile(join(folder, WORK_FOLDER, name))
  file.write(text)
  return file.keepIn(folder)
}

/** The bytes of several objects, one after the other. */
export async function* readObjects(folder: string, objects: readonly StoredObject[]): AsyncGenerator<Buffer> {
  for (const { sha256 } of objects) yield* createReadStream(objectPath(folder, sha256))
}

/** A file that is written from its beginning to its end, and hashed meanwhile. */
export class HashedFile {
  readonly path: string
  readonly #descriptor: number
  readonly #hash: Hash = createHash('sha256')
  /** What is yet to be written; a file of many parts has many of these at a time. */
  #text = ''
  #bytes = 0

  constructor(path: string) {
    this.path = path
    this.#descriptor = openSync(path, 'w', 0o640)
  }

  write(chunk: string | Buffer): void {
    if (typeof chunk === 'string') {
      this.#text += chunk
      if (this.#text.length >= BUFFERED) this.#flush()
    } else {
      this.#flush()
      this.#put(chunk)
    }
  }

  end(): StoredObject {
    this.#flush()
    closeSync(this.#descriptor)
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes }
  }

  /** Ends the file and makes it an object of the folder, which is durable when this returns. */
  keepIn(folder: string): StoredObject {
    this.#flush()
    fsyncSync(this.#descriptor)
    const object = this.end()
    const path = objectPath(folder, object.sha256)
    if (existsSync(path)) rmSync(this.path)
    else {
      makeFolder(dirname(path))
      renameSync(this.path, path)
      syncFolder(dirname(path))
    }
    return object
  }

  #flush(): void {
    if (this.#text === '') return
    this.#put(Buffer.from(this.#text))
    this.#text = ''
  }

  #put(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written)
  }
}

/** Makes an object of what comes. */
export async function keepAll(
  folder: string,
  name: string,
  chunks: AsyncIterable<string | Buffer>,
): Promise<StoredObject> {
  const file = new HashedFile(join(folder, WORK_FOLDER, name))
  for await (const chunk of chunks) file.write(chunk)
  return file.keepIn(folder)
}

/** What several objects are, one after the other. */
export async function hashObjects(folder: string, objects: readonly StoredObject[]): Promise<StoredObject> {
  if (objects.length === 1) return objects[0]!
  const hash = createHash('sha256')
  for await (const chunk of readObjects(folder, objects)) hash.update(chunk)
  return { sha256: hash.digest('hex'), bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) }
}
