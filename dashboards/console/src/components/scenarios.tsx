import { useState } from 'preact/hooks'
import { ApiError, post, remove } from '../api/client.ts'
import { useResource } from '../api/resource.ts'
import type { Scenario, Scenarios } from '../api/types.ts'
import { useAdministrator } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'
import { Notice } from './notice.tsx'

const REFRESH_MS = 10_000
const LENGTHS = ['10min', '1h', '6h', '1d'] as const

/** What the simulated devices of a site play, and what they may be told to: for administrators. */
export function ScenariosOfSite({ site }: { site: string }) {
  return useAdministrator() ? <Stage site={site} /> : null
}

function Stage({ site }: { site: string }) {
  const { t } = useSpeech()
  const path = `/v1/scenarios?on=${encodeURIComponent(site)}`
  const answer = useResource<Scenarios>(path, REFRESH_MS)
  const [problem, setProblem] = useState<string>()
  const told = answer.data
  if (!told?.simulated) return null

  const act = async (work: () => Promise<unknown>) => {
    setProblem(undefined)
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.status === 0 ? t.alerts.noAnswer : error.message)
    }
    answer.reload()
  }

  const playing = told.scenarios.filter(scenario => scenario.playing)
  return (
    <section class="card scenarios" aria-labelledby="scenarios-title">
      <h2 id="scenarios-title">{t.scenarios.title}</h2>
      <p class="soft">{t.scenarios.lead}</p>
      <Notice of={answer} />
      <ul>
        {playing.map(scenario => (
          <Playing
            key={scenario.id}
            scenario={scenario}
            onEnd={() => void act(() => remove(`/v1/scenarios/${encodeURIComponent(scenario.id)}`))}
          />
        ))}
      </ul>
      <StartForm
        possible={told.possible}
        onStart={(scenario, length) =>
          void act(() => post('/v1/scenarios', { scenario, on: site, for: length }))
        }
      />
      <div role="alert">{problem && <p class="problem">{problem}</p>}</div>
    </section>
  )
}

function Playing({ scenario, onEnd }: { scenario: Scenario; onEnd(): void }) {
  const { t, format } = useSpeech()
  const name = t.scenarios.names[scenario.scenario] ?? scenario.scenario
  return (
    <li class="scenario">
      <p>
        <strong>{name}</strong> · {scenario.on} · {t.scenarios.until(format.dayTime(scenario.end))}
      </p>
      {scenario.byHand && (
        <button type="button" class="button" aria-label={t.scenarios.endOf(name)} onClick={onEnd}>
          {t.scenarios.end}
        </button>
      )}
    </li>
  )
}

interface StartFormProps {
  possible: readonly string[]
  onStart(scenario: string, length: string): void
}

function StartForm({ possible, onStart }: StartFormProps) {
  const { t } = useSpeech()
  const [scenario, setScenario] = useState(possible[0] ?? '')
  const [length, setLength] = useState<string>(LENGTHS[0])
  return (
    <form
      class="scenario-form"
      onSubmit={event => {
        event.preventDefault()
        onStart(scenario, length)
      }}
    >
      <label class="field">
        {t.scenarios.what}
        <select value={scenario} onChange={event => setScenario(event.currentTarget.value)}>
          {possible.map(name => (
            <option key={name} value={name}>
              {t.scenarios.names[name] ?? name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {t.scenarios.howLong}
        <select value={length} onChange={event => setLength(event.currentTarget.value)}>
          {LENGTHS.map(each => (
            <option key={each} value={each}>
              {t.scenarios.lengths[each]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button button-main">
        {t.scenarios.start}
      </button>
    </form>
  )
}
