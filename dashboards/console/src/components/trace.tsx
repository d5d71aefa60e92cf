import type { ComponentChildren } from 'preact'
import { useResource } from '../api/resource.ts'
import type { Meter, Reading, Trace } from '../api/types.ts'
import { DataTable } from '../charts/data-table.tsx'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { periodPath } from '../periods.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 5 * 60_000

interface TraceOfMeterProps {
  /** The site for which it is looked at. */
  site: string
  meter: Meter
  from: string
  to: string
}

/** What one hour of a meter came from: steps, coverage, what was stated, conversion, shares, revision and readings. */
export function TraceOfMeter({ site, meter, from, to }: TraceOfMeterProps) {
  const { t } = useSpeech()
  const path = `/v1/meters/${encodeURIComponent(meter.id)}/trace?from=${from}&to=${to}`
  const answer = useResource<Trace>(path, REFRESH_MS)
  const title = t.trace.meter(t.fluid[meter.fluid], meter.id)
  const id = `trace-${meter.id}`
  return (
    <section class="card trace" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Notice of={answer} />
      {answer.data && <Facts trace={answer.data} site={site} />}
      {answer.data && <Readings trace={answer.data} title={t.trace.readingsOf(meter.id)} />}
    </section>
  )
}

function Facts({ trace, site }: { trace: Trace; site: string }) {
  const speech = useSpeech()
  const { t, format } = speech
  const [hour] = trace.hours
  if (!hour) return null
  const { amount, steps, coverage, readings } = hour
  const exact = (value: number) => format.precise(value, trace.unitLabel)
  return (
    <dl class="trace-facts">
      <Fact name={t.trace.figure}>
        {amount === null || steps === null
          ? t.chart.none
          : t.trace.steps(exact(amount), format.whole(steps), exact(trace.resolution))}
      </Fact>
      <Fact name={t.chart.coverage}>
        {format.percent(coverage)}, {t.trace.goodReadings(readings)}
      </Fact>
      <Fact name={t.trace.stated}>
        {hour.stated.length === 0
          ? t.trace.nothingStated
          : hour.stated
              .map(({ origin, amount }) => `${t.statements.origins[origin]} ${exact(amount)}`)
              .join(' · ')}
      </Fact>
      {trace.statements.length > 0 && (
        <Fact name={t.trace.statements}>
          <ul>
            {trace.statements.map(({ id, origin, form, start, end, value }) => (
              <li key={id}>
                {t.statements.origins[origin]},{' '}
                {form === 'index'
                  ? format.moment(start)
                  : t.statements.span(format.moment(start), format.moment(end))}
                , {t.statements.forms[form].toLocaleLowerCase()} {exact(value)}
              </li>
            ))}
          </ul>
        </Fact>
      )}
      <Fact name={t.trace.conversion}>{conversionText(trace, speech)}</Fact>
      <Fact name={t.trace.counted}>
        <Sites trace={trace} site={site} />
      </Fact>
      <Fact name={t.trace.revision}>
        {trace.revisions.length === 0
          ? t.trace.notClosed
          : trace.revisions
              .map(({ number, start, at, reasons }) =>
                t.trace.revisionOf(
                  number,
                  format.month(start),
                  format.moment(at),
                  reasons.map(reason => t.trace.revisionReasons[reason]).join(', '),
                ),
              )
              .join(' ')}
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function conversionText({ converts, unitLabel, hours: [hour] }: Trace, { t, format }: Speech): string {
  if (!converts) return t.trace.noConversion
  const conversion = hour?.conversion
  if (!conversion) return t.trace.conversionMissing
  const { from, kilowattHours } = conversion
  return t.trace.converted(unitLabel, format.precise(kilowattHours), from && format.date(from))
}

/** What counts for whom, and what is taken off before. */
function Sites({ trace, site }: { trace: Trace; site: string }) {
  const { t, format } = useSpeech()
  const [hour] = trace.hours
  if (hour!.sites.length === 0)
    return <>{trace.within === null ? t.trace.countsForNobody : t.trace.countedBy(trace.within)}</>
  return (
    <>
      <ul>
        {hour!.sites.map(({ site: id, share, from, amount }) => (
          <li key={id}>
            {id === site ? t.trace.thisSite : <a href={periodPath(id, 'hour', hour!.start)}>{id}</a>},{' '}
            {t.trace.share(format.precise(share * 100), from && format.date(from))}
            {' : '}
            {amount === null ? t.chart.none : format.precise(amount, trace.siteUnitLabel)}
          </li>
        ))}
      </ul>
      {trace.less.length > 0 && (
        <p>
          {t.trace.less}{' '}
          {trace.less.map(({ meter, site: other }, index) => (
            <>
              {index > 0 && ', '}
              <a key={meter} href={periodPath(other, 'hour', hour!.start)}>
                {meter}
              </a>
            </>
          ))}
        </p>
      )}
    </>
  )
}

function Readings({ trace, title }: { trace: Trace; title: string }) {
  const speech = useSpeech()
  const { t, format } = speech
  const { point, readings, unitLabel, next, leftOut } = trace
  if (point === null) return <p class="soft">{t.trace.notRead}</p>
  if (readings.length === 0) return <p class="soft">{t.trace.noReadings}</p>
  const reasons = new Map(leftOut?.map(({ time, reason }) => [time, reason]))
  const table = {
    columns: [t.trace.time, t.trace.value(unitLabel), t.trace.quality, t.trace.use],
    rows: readings.map(reading => {
      const reason = reasons.get(reading.time)
      return [
        format.momentSeconds(reading.time),
        typeof reading.value === 'number' ? format.precise(reading.value) : String(reading.value ?? '–'),
        qualityText(reading, speech),
        reason
          ? t.trace.leftOut[reason]
          : !reading.quality.startsWith('good')
            ? t.trace.notGood
            : leftOut === null
              ? t.trace.notComputed
              : t.trace.used,
      ]
    }),
  }
  return (
    <>
      <h3>{t.trace.readings}</h3>
      <p class="soft">{t.trace.around(point)}</p>
      <DataTable table={table} title={title} />
      {next !== null && <p class="soft">{t.trace.more(format.momentSeconds(next))}</p>}
    </>
  )
}

function qualityText({ quality }: Reading, { t }: Speech): string {
  const [name, reason] = quality.split(':') as [keyof typeof t.trace.qualities, string | undefined]
  const known = t.reason as Record<string, string>
  return [t.trace.qualities[name], reason && (known[reason] ?? reason)].filter(Boolean).join(', ')
}
