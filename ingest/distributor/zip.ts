import { fromBufferPromise, openPromise, type ZipFile } from 'yauzl'
import { type ByteSource, FileError, fileError, readWhole } from '../byte-source.ts'

/** What an archive holds; to be read before the archive is closed. */
export interface Zip {
  /** Under their names, in their order. */
  members: ReadonlyMap<string, ByteSource>
  close(): void
}

const MOST_MEMBERS = 10_000
/** An archive within an archive is read from memory. */
const LARGEST_INNER = 64 * 1024 ** 2

/** @throws FileError naming the archive where it cannot be read; of a member, when that is opened */
export async function openZip(source: ByteSource): Promise<Zip> {
  try {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: false }
    const zip = source.file
      ? await openPromise(source.file, options)
      : await fromBufferPromise(await readWhole(source, LARGEST_INNER), options)
    try {
      return { members: await membersOf(zip, source.name), close: () => zip.close() }
    } catch (error) {
      zip.close()
      throw error
    }
  } catch (error) {
    throw fileError(source.name, error)
  }
}

async function membersOf(zip: ZipFile, archive: string): Promise<Map<string, ByteSource>> {
  if (zip.entryCount > MOST_MEMBERS)
    throw new FileError(archive, `holds more than ${MOST_MEMBERS} files: make several archives of it`)
  const members = new Map<string, ByteSource>()
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue
    const name = `${archive}, ${entry.fileName}`
    members.set(entry.fileName, {
      name,
      async open() {
        if (entry.isEncrypted()) throw new FileError(name, 'is encrypted: decrypt the archive first')
        return zip.openReadStreamPromise(entry)
      },
    })
  }
  return members
}
