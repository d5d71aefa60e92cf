import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { FailedCase } from '../api/rules/rules.ts'
import type { Registry } from '../registry/registry.ts'
import { readRuleCases } from '../registry/rule-cases.ts'
import { tryCase } from '../rules/try-case.ts'

/**
 * The cases beside a registry, in its folder `cases`, that its rules do not tell as expected: what `affluent rules test`
 * tells of them.
 * @param path of the registry: a file, or a folder
 * @throws RegistryError where cases are not sound, such as of a rule that is no more
 */
export async function tryCases(path: string, registry: Registry): Promise<FailedCase[]> {
  const failed: FailedCase[] = []
  for (const file of await caseFiles(path)) {
    for (const trial of await readRuleCases(file, registry)) {
      const { passed, expected, told } = tryCase(trial, registry)
      if (!passed) failed.push({ place: trial.place, name: trial.name, expected, told })
      await breathe()
    }
  }
  return failed
}

async function caseFiles(path: string): Promise<string[]> {
  for (const folder of [join(path, 'cases'), join(dirname(path), 'cases')]) {
    const names = await readdir(folder).catch(() => undefined)
    if (names) return names.filter(name => /\.ya?ml$/.test(name)).map(name => join(folder, name))
  }
  return []
}
