import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface FolderLock {
  release(): void
}

/**
 * Holds a folder for this process. The lock is SQLite's, so the operating system frees it when the process
 * ends in whatever way: a file with a process id would outlive a crash and lie where ids repeat (containers).
 * @throws Error when another holds the folder.
 */
export function lockFolder(folder: string): FolderLock {
  const database = new DatabaseSync(join(folder, 'lock'))
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw new Error(`${folder} is in use by another process; stop it or choose another folder`, {
      cause: error,
    })
  }
  return { release: () => database.close() }
}
