import { useRef, useState } from 'preact/hooks'
import { ApiError, post } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import type { Meter, Statement, StatementOutcome, Statements } from '../api/types.ts'
import { useAdministrator } from '../hub.ts'
import { type Speech, useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const ORIGINS = ['hand', 'invoice', 'correction', 'estimate', 'distributor'] as const
const SHOWN = 20

/** What people say that the meters of a site showed or counted: for administrators. */
export function StatementsOfSite({ meters }: { meters: readonly Meter[] }) {
  const isAdministrator = useAdministrator()
  const { t } = useSpeech()
  const [id, setId] = useState(meters[0]?.id)
  const meter = meters.find(each => each.id === id)
  if (!isAdministrator || !meter) return null
  return (
    <section class="card statements" aria-labelledby="statements-title">
      <h2 id="statements-title">{t.statements.title}</h2>
      <p class="soft">{t.statements.lead}</p>
      <label class="field">
        {t.statements.meter}
        <select value={id} onChange={event => setId(event.currentTarget.value)}>
          {meters.map(each => (
            <option key={each.id} value={each.id}>
              {each.id} · {t.fluid[each.fluid]} ({each.unitLabel})
            </option>
          ))}
        </select>
      </label>
      <OfMeter key={meter.id} meter={meter} />
    </section>
  )
}

function OfMeter({ meter }: { meter: Meter }) {
  const { t } = useSpeech()
  const path = `/v1/meters/${meter.id}/statements`
  const answer = useResource<Statements>(`${path}?limit=${SHOWN}`)
  const [told, setTold] = useState('')
  return (
    <>
      <StatingForm
        meter={meter}
        units={answer.data?.amountUnits ?? [meter.unitLabel]}
        onStated={outcome => {
          setTold(t.statements.outcome(outcome))
          answer.reload()
        }}
      />
      <p role="status">{told}</p>
      <Notice of={answer} />
      {answer.data?.statements.length === 0 && <p class="soft">{t.statements.none}</p>}
      <ul>
        {answer.data?.statements.map(statement => (
          <Stated
            key={statement.id}
            statement={statement}
            meter={meter}
            onWithdraw={async reason => {
              await post(`${path}/${statement.id}/withdraw`, { reason })
              setTold(t.statements.withdrawn)
              answer.reload()
            }}
          />
        ))}
      </ul>
    </>
  )
}

type Form = 'index' | 'amount'

interface StatingFormProps {
  meter: Meter
  /** What an amount may be stated in. */
  units: readonly string[]
  onStated(outcome: StatementOutcome): void
}

function StatingForm({ meter, units, onStated }: StatingFormProps) {
  const speech = useSpeech()
  const { t } = speech
  const [origin, setOrigin] = useState<string>(ORIGINS[0])
  const [form, setForm] = useState<Form>('index')
  const [wrong, setWrong] = useState<{ field: string; text: string; isEnglish: boolean }>()
  const element = useRef<HTMLFormElement>(null)

  const state = async () => {
    setWrong(undefined)
    const written = new FormData(element.current!)
    const body = Object.fromEntries([...written].filter(([, value]) => value !== ''))
    try {
      onStated((await post<StatementOutcome>(`/v1/meters/${meter.id}/statements`, body))!)
      element.current!.reset()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const field = error.field?.name ?? ''
      const known = refusalText(error, meter, speech)
      setWrong({ field, text: known ?? error.field?.detail ?? error.message, isEnglish: known === undefined })
      element.current!.querySelector<HTMLElement>(`[name="${CSS.escape(field)}"]`)?.focus()
    }
  }
  const field = (name: string, label: string, type: 'text' | 'date' = 'text', required = false) => {
    const isWrong = wrong?.field === name
    const given = {
      name,
      required,
      'aria-invalid': isWrong,
      'aria-describedby': isWrong ? 'statement-wrong' : undefined,
    }
    return (
      // biome-ignore lint/a11y/noLabelWithoutControl: it holds one of both inputs
      <label class="field" key={name}>
        {label}
        {type === 'date' ? <input type="date" {...given} /> : <input type="text" {...given} />}
      </label>
    )
  }
  const labels = t.statements.fields
  return (
    <form
      ref={element}
      class="scenario-form"
      onSubmit={event => {
        event.preventDefault()
        void state()
      }}
    >
      <label class="field">
        {labels.origin}
        <select
          name="origin"
          value={origin}
          onChange={event => {
            setOrigin(event.currentTarget.value)
            if (event.currentTarget.value === 'correction') setForm('amount')
          }}
        >
          {ORIGINS.map(name => (
            <option key={name} value={name}>
              {t.statements.origins[name]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {labels.form}
        <select
          value={form}
          disabled={origin === 'correction'}
          onChange={event => setForm(event.currentTarget.value as Form)}
        >
          <option value="index">{t.statements.forms.index}</option>
          <option value="amount">{t.statements.forms.amount}</option>
        </select>
      </label>
      {form === 'index'
        ? [field('at', labels.at, 'date', true), field('index', labels.index(meter.unitLabel), 'text', true)]
        : [
            field('from', labels.from, 'date', true),
            field('to', labels.to, 'date', true),
            field('amount', labels.amount, 'text', true),
            <label class="field" key="unit">
              {labels.unit}
              <select name="unit">
                {units.map(unit => (
                  <option key={unit}>{unit}</option>
                ))}
              </select>
            </label>,
          ]}
      {field('source', labels.source)}
      {field('reason', labels.reason, 'text', origin === 'correction')}
      <button type="submit" class="button button-main">
        {t.statements.state}
      </button>
      <div role="alert">
        {wrong && (
          <p id="statement-wrong" class="problem">
            {t.statements.refused} <span lang={wrong.isEnglish ? 'en' : undefined}>{wrong.text}</span>
          </p>
        )}
      </div>
    </form>
  )
}

/** Why the hub refused, in the reader's language; undefined where there are no words for it yet. */
function refusalText({ status, field }: ApiError, meter: Meter, { t, format }: Speech): string | undefined {
  if (status === 0) return t.alerts.noAnswer
  if (status === 401 || status === 403) return t.statements.noSession
  if (status === 404) return t.statements.gone
  const tell = field?.fault && t.statements.faults[field.fault]
  return tell ? tell(format.precise(meter.resolution, meter.unitLabel)) : undefined
}

interface StatedProps {
  statement: Statement
  meter: Meter
  onWithdraw(reason: string): Promise<void>
}

function Stated({ statement, meter, onWithdraw }: StatedProps) {
  const { unitLabel } = meter
  const { t, format } = useSpeech()
  const { origin, form, start, end, value, written, author, source, reason } = statement
  const { ended, state, counted } = statement
  const when = form === 'index' ? format.date(start) : t.statements.span(format.date(start), format.date(end))
  const what = `${t.statements.origins[origin]}, ${when}`
  return (
    <li class="statement">
      <p>
        <strong>{what}</strong>
        <br />
        {t.statements.forms[form]} {format.exactMeasure(value, unitLabel)}
        {written && <> ({t.statements.written(format.exactMeasure(written.value, written.unitLabel))})</>} ·{' '}
        {ended ? t.statements.ended : t.statements.states[state ?? 'waiting']}
        {!ended && counted !== null && counted !== value && (
          <> ({t.statements.counted(format.exactMeasure(counted, unitLabel))})</>
        )}
      </p>
      <p class="soft">
        {[author, source, reason, ended && t.statements.endedBy(ended.by, ended.reason)]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {!ended && <Withdraw what={what} meter={meter} onWithdraw={onWithdraw} />}
    </li>
  )
}

interface WithdrawProps {
  what: string
  meter: Meter
  onWithdraw(reason: string): Promise<void>
}

function Withdraw({ what, meter, onWithdraw }: WithdrawProps) {
  const speech = useSpeech()
  const { t } = speech
  const [problem, setProblem] = useState<string>()
  return (
    <details>
      <summary aria-label={t.statements.withdrawOf(what)}>{t.statements.withdraw}</summary>
      <form
        class="scenario-form"
        onSubmit={event => {
          event.preventDefault()
          const reason = String(new FormData(event.currentTarget).get('why'))
          onWithdraw(reason).catch(error => {
            if (!(error instanceof ApiError)) throw error
            setProblem(refusalText(error, meter, speech) ?? error.message)
          })
        }}
      >
        <label class="field">
          {t.statements.why}
          <input name="why" required maxLength={500} />
        </label>
        <button type="submit" class="button">
          {t.statements.withdraw}
        </button>
        <div role="alert">{problem && <p class="problem">{problem}</p>}</div>
      </form>
    </details>
  )
}
