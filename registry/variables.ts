import { readFileSync } from 'node:fs'
import type { Problem } from './problem.ts'
import { type Path, problemAt, type Source } from './source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** The names of the variables that a part of a file stands for, each once. */
export function variablesIn(value: unknown): string[] {
  return [...new Set([...JSON.stringify(value).matchAll(VARIABLE)].map(([, name]) => name!))]
}

/**
 * Puts in the place of `${NAME}` the environment's variable of that name or, where `NAME_FILE` is set, the
 * content of that file without its last line end. One that is missing is a problem and stays as it was.
 */
export function expandVariables(
  source: Source,
  environment: Environment,
): {
  source: Source
  secrets: ReadonlyMap<string, string>
  problems: Problem[]
  /** Where in the source each problem is; a problem itself says where in its file. */
  places: ReadonlyMap<Problem, Path>
} {
  const problems: Problem[] = []
  const places = new Map<Problem, Path>()
  const secrets = new Map<string, string>()

  const expand = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      return value.replace(VARIABLE, (written, name: string) => {
        const found = lookUpVariable(name, environment)
        if ('problem' in found) {
          const problem = problemAt(source, path, found.problem)
          problems.push(problem)
          places.set(problem, path)
          return written
        }
        secrets.set(found.value, written)
        return found.value
      })
    }
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, expand(part, [...path, key])]))
  }

  return { source: { ...source, value: expand(source.value, []) }, secrets, problems, places }
}

/** Problems speak of `${NAME}` where a value would give a secret away. */
export function hideSecrets(problems: readonly Problem[], secrets: ReadonlyMap<string, string>): Problem[] {
  return problems.map(problem => {
    let { message } = problem
    for (const [value, written] of secrets) if (value) message = message.replaceAll(value, written)
    return { ...problem, message }
  })
}

/** The value of a variable, or of the file that `<name>_FILE` names; what to do where there is neither. */
export function lookUpVariable(
  name: string,
  environment: Environment,
): { value: string } | { problem: string } {
  const value = environment[name]
  if (value !== undefined) return { value }
  const file = environment[`${name}_FILE`]
  if (file === undefined) return { problem: `set ${name}, or ${name}_FILE, in the environment` }
  try {
    return { value: readFileSync(file, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    return { problem: `${name}_FILE names a file that cannot be read (${(error as { code?: string }).code})` }
  }
}
