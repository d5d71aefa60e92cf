import type { Circuit, RoadStates, Site } from '../api/types.ts'
import { now } from '../clock.ts'
import { MarkerIcon } from '../map/marker.tsx'
import { sectionAt } from './circuits.ts'
import { type ShownRoad, STATE_TONES, shownRoads } from './road-state.ts'
import { useSpeech } from './speech.ts'
import { StateBands, StateWords } from './state-bands.tsx'

interface RoadsProps {
  states: RoadStates | undefined
  circuits: readonly Circuit[]
  sites: readonly Site[]
}

/** In which state each road is and has been, and of which roads nobody can tell. */
export function Roads({ states, circuits, sites }: RoadsProps) {
  const { t, format, say } = useSpeech()
  if (!states || states.roads.length === 0) return null
  const stations = sites.filter(({ id }) => states.roads.some(road => road.site === id))
  const unmeasured = circuits.flatMap(circuit => {
    const own = stations.filter(({ id }) => circuit.stations.includes(id))
    const measured = own.map(site => sectionAt(circuit, site))
    return circuit.sections
      .filter(({ id }) => !measured.includes(id))
      .map(({ label, road, fromPk, toPk }) =>
        [say(circuit.name), label, `${road} PR ${fromPk} – ${toPk}`].filter(Boolean).join(', '),
      )
  })
  const nowhere = [...states.unwatched.map(nameOf), ...unmeasured]
  return (
    <section class="crew-outlook" aria-labelledby="roads">
      <h2 id="roads">{t.roads.title}</h2>
      <ul>
        {shownRoads(states, now()).map(road => (
          <li key={road.point}>
            <Road road={road} />
          </li>
        ))}
      </ul>
      {nowhere.length > 0 && <p>{t.roads.nowhere(nowhere.join(' ; '))}</p>}
      <p class="soft">{t.roads.basis(format.moment(states.time))}</p>
    </section>
  )
}

const nameOf = ({ siteName, road }: { siteName: string; road: string | null }) =>
  [siteName, road].filter(Boolean).join(', ')

/** In words and as bands; touched, from when to when. */
function Road({ road }: { road: ShownRoad }) {
  const { t, format } = useSpeech()
  const { state, shown, since, until, surface, unitLabel } = road
  return (
    <details class="crew-forecast">
      <summary>
        <strong>{nameOf(road)}</strong>
        <span class={`crew-state tone-${STATE_TONES[shown]}`}>
          <StateIcon state={shown} />
          <span>{t.roads.states[shown]}</span>
        </span>
        <span>
          {until === undefined
            ? [
                since === null ? t.roads.long : t.roads.since(format.clock(since)),
                ...(surface === null ? [] : [t.roads.surface(format.exactMeasure(surface, unitLabel))]),
              ].join(' · ')
            : t.roads.outdated(format.moment(until), t.roads.states[state])}
        </span>
        <StateBands road={road} />
      </summary>
      <div class="crew-history">
        <StateWords road={road} />
      </div>
    </details>
  )
}

function StateIcon({ state }: { state: ShownRoad['shown'] }) {
  const tone = STATE_TONES[state]
  const isDanger = tone === 'critical' || tone === 'warning'
  return (
    <MarkerIcon
      kind="road-station"
      state={isDanger ? 'alert' : tone === 'normal' ? 'normal' : 'unknown'}
      severity={isDanger ? tone : null}
    />
  )
}
