import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import type { Value } from '../../model/reading.ts'

export type CelType = 'double' | 'bool' | 'string'
/** The variables of an expression. */
export type CelTypes = ReadonlyMap<string, CelType>
/** Those that are known. */
export type CelValues = ReadonlyMap<string, Value>

/** Of CEL's functions those that take no time to speak of: `matches` may take forever, a macro may count to any number. */
const FUNCTIONS = ['double', 'int', 'contains', 'startsWith', 'endsWith']
const DIVISOR = 'divisor'

/** Whether a variable may have this name. */
export function isFreeName(name: string): boolean {
  try {
    return new Environment().registerVariable(name, 'double').check(name).type === 'double'
  } catch {
    return false
  }
}

/** What is wrong with an expression, or undefined where it says true or false. */
export function problemOf(expression: string, types: CelTypes): string | undefined {
  const environment = environmentOf(types)
  const { valid, type, error } = environment.check(expression)
  if (!valid) {
    const { code, summary, range } = error!
    const known = code === 'unknown_variable' ? `; there are ${[...types.keys()].join(', ')}` : ''
    return `${summary}${known}${range ? ` (character ${range.start + 1})` : ''}`
  }
  if (type !== 'bool') return `is ${type}, where true or false is wanted`
  const called = nodesOf(environment.parse(expression).ast).flatMap(node =>
    node.op === 'call' || node.op === 'rcall' ? [node.args[0]] : [],
  )
  const strange = called.find(name => !FUNCTIONS.includes(name))
  return strange && `${strange}() is not to be had: there are ${FUNCTIONS.join(', ')}`
}

/**
 * An expression that has no problem, as a function. It says `unknown` where a value that decides is not known or of
 * another type, and where its evaluation fails: as CEL has it, `&&` and `||` need not know what decides nothing.
 */
export function compileExpression(
  expression: string,
  types: CelTypes,
): (values: CelValues) => boolean | 'unknown' {
  const environment = environmentOf(types).registerFunction(`${DIVISOR}(double): double`, divisor =>
    divisor === 0 ? fail('division by zero') : divisor,
  )
  environment.registerFunction(`${DIVISOR}(int): int`, divisor => divisor)
  const parsed = environment.parse(expression)
  // CEL divides doubles by zero after IEEE 754, and infinity is beyond every limit: here it is an error.
  for (const node of nodesOf(parsed.ast)) {
    const call = environment.parse(`${DIVISOR}(0)`).ast
    if (node.op !== '/' || call.op !== 'call') continue
    call.args[1][0] = node.args[1]
    node.args[1] = call
  }
  return values => {
    try {
      return parsed(Object.fromEntries(values))
    } catch {
      return 'unknown'
    }
  }
}

function environmentOf(types: CelTypes): Environment {
  const environment = new Environment()
  for (const [name, type] of types) environment.registerVariable(name, type)
  return environment
}

/** Every node of a tree, the inner ones first. */
function nodesOf(part: unknown): ASTNode[] {
  if (Array.isArray(part)) return part.flatMap(nodesOf)
  if (typeof part !== 'object' || part === null || !('op' in part)) return []
  const node = part as ASTNode
  return [...nodesOf(node.args), node]
}

function fail(message: string): never {
  throw new Error(message)
}
