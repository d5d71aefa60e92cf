import { formatCsv } from '../../model/csv.ts'
import { unitLabel } from '../../model/units.ts'
import { formatValue } from './format-value.ts'
import { CHECKS, type PointReport, type Verdict } from './judge.ts'
import { type Language, WORDS } from './words.ts'

/** The worst of the checks of a point. */
export function verdictOf({ checks }: PointReport): Verdict {
  const verdicts = CHECKS.map(name => checks[name].verdict)
  return (['fail', 'warn', 'pass'] as const).find(verdict => verdicts.includes(verdict)) ?? 'none'
}

/** How many points failed, are to be looked at, and passed. */
export function formatSummary(reports: readonly PointReport[], language: Language): string {
  const count = (verdict: Verdict) => reports.filter(report => verdictOf(report) === verdict).length
  return WORDS[language].summary(count('fail'), count('warn'), reports.length)
}

/** What did not pass, and what a display showed; one remark a check, with its name in front. */
export function remarksOf({ checks }: PointReport, language: Language): string[] {
  return CHECKS.flatMap(name => {
    const { words } = checks[name]
    return words ? [WORDS[language].checks[name], words[language]].join(WORDS[language].colon) : []
  })
}

/** One row a point, for spreadsheets. */
export function formatReportCsv(reports: readonly PointReport[], language: Language): string {
  const { checks, verdicts, ...words } = WORDS[language]
  const head = [
    words.point,
    words.label,
    words.value,
    '',
    words.time,
    ...Object.values(checks),
    words.remarks,
  ]
  return formatCsv([
    head,
    ...reports.map(report => [
      report.point.id,
      report.point.label[language],
      formatValue(report.last?.value, language),
      unitLabel(report.point.unit),
      report.last ? new Date(report.last.time).toISOString() : '',
      ...CHECKS.map(name => verdicts[report.checks[name].verdict]),
      remarksOf(report, language).join(' / '),
    ]),
  ])
}
