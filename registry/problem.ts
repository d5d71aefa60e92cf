/** What is wrong, and where. */
export interface Problem {
  file: string
  /** From 1; absent where no line can be named, as for a missing file. */
  line?: number
  column?: number
  /** As in `sites[3].position.lat`; empty for the file as a whole. */
  path: string
  message: string
}

/** The registry or the settings cannot be used; `problems` has everything that is wrong with them. */
export class RegistryError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.name = 'RegistryError'
    this.problems = problems
  }
}

/** `file:line:column path: message`, without what is not known. */
export function describeProblem(problem: Problem): string {
  return `${describePlace(problem)}: ${problem.message}`
}

export function describePlace({ file, line, column, path }: Omit<Problem, 'message'>): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`
  return path ? `${place} ${path}` : place
}

/** By file and line, so that they can be worked through from top to bottom. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  )
}
