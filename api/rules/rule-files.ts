import { createHash } from 'node:crypto'
import { constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { access, readFile, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../bus/folders.ts'
import { listFiles } from '../../registry/files.ts'
import { type RuleText, ruleIn } from '../../registry/rule-text.ts'

const ANYBODY_WRITES = constants.S_IWUSR | constants.S_IWGRP | constants.S_IWOTH

/** A file of the registry, as it stands on disk now. */
export interface RuleFile {
  file: string
  text: string
  /** SHA-256 (hex) of the text: who changes it says which one they saw. */
  hash: string
}

export async function readRuleFile(file: string): Promise<RuleFile> {
  const text = await readFile(file, 'utf8')
  return { file, text, hash: textHash(text) }
}

export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The file that a rule stands in, and the rule as it is written there; undefined where there is none. */
export async function findRule(
  path: string,
  id: string,
): Promise<{ file: RuleFile; rule: RuleText } | undefined> {
  for (const name of await listFiles(path)) {
    const file = await readRuleFile(name)
    const rule = file.text.includes(id) ? ruleIn(file.text, id) : undefined
    if (rule) return { file, rule }
  }
  return undefined
}

/** The file that a new rule goes into: the first that has rules, or else the first of all. */
export async function fileForRules(path: string): Promise<RuleFile> {
  const files = await Promise.all((await listFiles(path)).map(readRuleFile))
  return files.find(({ text }) => /^rules:/m.test(text)) ?? files[0]!
}

/** Whether this process may replace a file. One that nobody may write is meant to stay, also to the superuser. */
export async function isWritable(file: string): Promise<boolean> {
  try {
    const real = await realpath(file)
    await access(real, constants.W_OK)
    await access(dirname(real), constants.W_OK)
    return ((await stat(real)).mode & ANYBODY_WRITES) !== 0
  } catch {
    return false
  }
}

/**
 * Replaces a file by one renaming, with the same owner's rights; it is on the disk when this returns. Where a link leads
 * to it the link stays.
 * @throws Error where that is refused; the file is then the one before
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const real = await realpath(file)
  // Not a name that a registry has: half of it is never read.
  const fresh = `${real}.new`
  try {
    writeFileSync(fresh, text, { flush: true, mode: statSync(real).mode & 0o777 })
    renameSync(fresh, real)
    syncFolder(dirname(real))
  } catch (error) {
    rmSync(fresh, { force: true })
    throw error
  }
}
