import { inFrench } from '../../registry/french.ts'
import type { LiveRegistry } from '../../registry/live.ts'
import { type Problem, RegistryError } from '../../registry/problem.ts'
import type { Registry } from '../../registry/registry.ts'
import { ruleIn, withNewRule, withoutRule, withRule } from '../../registry/rule-text.ts'
import { displayName, isMapping, parseYaml } from '../../registry/source.ts'
import type { RuleFile } from './rule-files.ts'

/** A mistake, by the lines of the rule, or in another place of the registry. */
export interface RuleProblem {
  /** Where it is not in the rule itself. */
  file: string | null
  line: number | null
  column: number | null
  path: string
  message: { fr: string; en: string }
}

/** What would be: the file, and the registry in force; or what is wrong. */
export type CheckedRule =
  | { problems: []; id: string; text: string; registry: Registry }
  | { problems: RuleProblem[] }

/**
 * Checks a rule as if it stood in its file: in the place of the rule of an id, or behind the others.
 * @param id of the rule as it stands there now; undefined: it is new
 */
export async function checkRule(
  { tryOut }: Pick<LiveRegistry, 'tryOut'>,
  file: RuleFile,
  id: string | undefined,
  written: string,
): Promise<CheckedRule> {
  const alone = parseYaml(written, '')
  if (alone.problems.length > 0) return { problems: alone.problems.map(problem => tell(problem, null)) }
  const { value } = alone.source
  const named = isMapping(value) && typeof value.id === 'string' ? value.id : undefined
  if (named === undefined) return { problems: [tell({ ...WHOLE, path: 'id', message: 'is missing' }, null)] }
  return tryText(tryOut, file, named, () => ({
    text: id === undefined ? withNewRule(file.text, written) : withRule(file.text, id, written),
    written,
  }))
}

/** The same without the rule of an id. */
export function checkRemoval(
  { tryOut }: Pick<LiveRegistry, 'tryOut'>,
  file: RuleFile,
  id: string,
): Promise<CheckedRule> {
  return tryText(tryOut, file, id, () => ({ text: withoutRule(file.text, id), written: '' }))
}

async function tryText(
  tryOut: LiveRegistry['tryOut'],
  { file }: RuleFile,
  id: string,
  make: () => { text: string; written: string },
): Promise<CheckedRule> {
  let made: ReturnType<typeof make>
  try {
    made = make()
  } catch (error) {
    return { problems: [tell({ ...WHOLE, message: (error as Error).message }, null)] }
  }
  const { text, written } = made
  try {
    return { problems: [], id, text, registry: await tryOut(new Map([[file, text]])) }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const place = { file: displayName(file), ...placeOf(text, id, written) }
    return { problems: error.problems.map(problem => inRule(problem, place)) }
  }
}

const WHOLE: Problem = { file: '', line: 1, column: 1, path: '', message: '' }

interface RulePlace {
  file: string
  first: number
  last: number
  indent: number
}

/** In a file that cannot be told apart by ids, such as with two of one, every line is the file's. */
function placeOf(text: string, id: string, written: string): Omit<RulePlace, 'file'> {
  const rule = ruleIn(text, id)
  if (!rule) return { first: 1, last: 0, indent: 0 }
  const lines = written.trimEnd().split('\n').length
  return { first: rule.line, last: rule.line + lines - 1, indent: rule.indent }
}

function inRule(problem: Problem, { file, first, last, indent }: RulePlace): RuleProblem {
  const { line, column } = problem
  if (problem.file !== file || line === undefined || line < first || line > last)
    return tell(problem, problem.file)
  const own = { ...problem, line: line - first + 1, column: Math.max(1, column! - indent) }
  return tell({ ...own, path: problem.path.replace(/^rules\[\d+\]\.?/, '') }, null)
}

function tell({ line, column, path, message }: Problem, file: string | null): RuleProblem {
  const words = { fr: inFrench(message), en: message }
  return { file, line: line ?? null, column: column ?? null, path, message: words }
}
