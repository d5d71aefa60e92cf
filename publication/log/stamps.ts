import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../../bus/folders.ts'
import type { SignedHead } from './head.ts'

/** What authorities have answered to heads (TimeStampResp, DER): a file each, named by the SHA-256 of the head's text. */
export interface Stamps {
  of(head: Pick<SignedHead, 'text'>): Buffer | undefined
  add(head: Pick<SignedHead, 'text'>, answer: Buffer): void
}

const SUFFIX = '.tsr'

/** @param folder of the log; nothing is written before there is a stamp */
export function openStamps(folder: string): Stamps {
  const own = join(folder, 'stamps')
  const known = new Set(listStamps(own))
  const fileOf = ({ text }: Pick<SignedHead, 'text'>) =>
    createHash('sha256').update(text).digest('hex') + SUFFIX
  return {
    of(head) {
      const file = fileOf(head)
      return known.has(file) ? readFileSync(join(own, file)) : undefined
    },
    add(head, answer) {
      const file = fileOf(head)
      mkdirSync(own, { recursive: true })
      writeFileSync(join(own, `${file}.new`), answer, { flush: true })
      renameSync(join(own, `${file}.new`), join(own, file))
      syncFolder(own)
      known.add(file)
    },
  }
}

function listStamps(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith(SUFFIX))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
