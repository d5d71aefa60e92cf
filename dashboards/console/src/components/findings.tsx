import { useResource } from '../api/resource.ts'
import type { Finding, SiteFindings } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { useAdministrator } from '../hub.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 60 * 60_000

/** What of the last thirty days of a site looks like waste, and what could not be told: for whoever has a session. */
export function Findings({ site }: { site: string }) {
  const speech = useSpeech()
  const { t, format } = speech
  const path = useAdministrator() ? `/v1/sites/${site}/findings` : undefined
  const answer = useResource<SiteFindings>(path, REFRESH_MS)
  if (!path) return <SignInFirst />
  if (!answer.data) return null
  const { from, to, findings, unknown } = answer.data
  const { kind, reason } = t.findings
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">{t.findings.title}</h2>
      {/* The end is the first instant behind the last day. */}
      <p class="lead">{t.findings.lead(format.date(from), format.date(Date.parse(to) - 1))}</p>
      <Notice of={answer} />
      {findings.length === 0 ? (
        <p>{t.findings.none}</p>
      ) : (
        <div class="card">
          <DataTable table={tableOf(findings, speech)} title={t.findings.table} />
        </div>
      )}
      {unknown.length > 0 && (
        <div class="soft">
          <p>{t.findings.unknown}</p>
          <ul>
            {unknown.map(each => (
              <li key={`${each.kind} ${each.reason}`}>
                {t.findings.unknownOf(kind[each.kind], reason[each.reason], each.meters.join(', '))}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  )
}

function SignInFirst() {
  const { t } = useSpeech()
  return (
    <section aria-labelledby="findings-title">
      <h2 id="findings-title">{t.findings.title}</h2>
      <p class="soft">{t.findings.signIn}</p>
    </section>
  )
}

function tableOf(findings: readonly Finding[], { t, format }: Speech) {
  const { finding, meters, since, until, amount, cost, coverage } = t.findings
  return {
    columns: [finding, meters, since, until, amount, cost, coverage],
    rows: findings.map(each => [
      t.findings.kind[each.kind],
      each.meters.join(', '),
      format.moment(each.since),
      each.until === null ? t.findings.goesOn : format.moment(each.until),
      format.amount(each.amount, each.unitLabel),
      each.cost === null ? t.chart.none : format.euros(each.cost),
      // A share that is rounded up would hide what is missing.
      format.percent(Math.floor(each.coverage * 100) / 100),
    ]),
  }
}
