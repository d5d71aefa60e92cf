import type { Part, Version } from './version.ts'

/**
 * What is said of how good a version is, beside its rows: a file of its own.
 * @param remarks of the dataset, by key
 */
export function qualityReport(
  version: Omit<Version, 'files'>,
  parts: readonly Pick<Part, 'name' | 'rows' | 'measures'>[],
  suppressions: readonly object[],
  remarks: Readonly<Record<string, unknown>>,
): object {
  const { dataset, version: number, publishedAt, rows, period, changes, since } = version
  return {
    dataset,
    version: number,
    publishedAt,
    period,
    rows,
    measures: sum(parts.map(({ measures }) => measures)),
    changes: { since, ...changes },
    suppressions,
    ...remarks,
    parts: parts.map(({ name, rows, measures }) => ({ name, rows, measures })),
  }
}

function sum(counts: readonly Record<string, number>[]): Record<string, number> {
  const whole: Record<string, number> = {}
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) whole[name] = (whole[name] ?? 0) + count
  return whole
}
