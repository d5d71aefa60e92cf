import { useState } from 'preact/hooks'
import type { Circuit, Site } from '../api/types.ts'
import { deviceNow } from '../clock.ts'
import type { Action, NewAction } from './action.ts'
import { nearestCircuits, sectionAt } from './circuits.ts'
import type { Draft, Noted } from './entry.ts'
import { nameOf } from './named.ts'
import type { Placed } from './order.ts'
import { draftOf, type OwnEntry } from './own-entries.ts'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'
import type { Outbox } from './use-outbox.ts'
import type { Positioning } from './use-position.ts'
import { wallTime } from './wall-clock.ts'

const REFRESH_MS = 600_000

export interface Recording {
  /** Undefined while nothing is being written down. */
  draft: Draft | undefined
  circuits: readonly Circuit[]
  begin(kind: Draft['kind'], placed: Placed | undefined): void
  /** Puts an entry right that was sent. */
  correct(entry: OwnEntry): void
  /** Changes an entry that waits to be sent. */
  changeWaiting(action: Action): void
  change(draft: Draft): void
  sectionsOf(circuit: Circuit): readonly string[]
  note(noted: Noted): void
  cancel(): void
}

interface RecordingParts {
  sites: readonly Site[]
  position: Positioning
  outbox: Outbox
  actor: string | null
}

/** What is being written down: of the alert that is open, or else of what is nearest. */
export function useRecording({ sites, position, outbox, actor }: RecordingParts): Recording {
  const speech = useSpeech()
  const { answer } = useKept<{ circuits: Circuit[] }>('/v1/winter-service/circuits', REFRESH_MS)
  const [state, setState] = useState<{ draft: Draft; circuits: Circuit[]; placed: Placed | undefined }>()
  const sectionsOf = (circuit: Circuit, site: Site | undefined) => {
    const section = sectionAt(circuit, site)
    return section === undefined ? [] : [section]
  }
  return {
    draft: state?.draft,
    circuits: state?.circuits ?? answer?.data.circuits ?? [],
    begin(kind, placed) {
      const places = { at: placed?.alert.site, from: position.motion?.fix }
      const circuits = nearestCircuits(answer?.data.circuits ?? [], sites, places)
      const [nearest] = circuits
      const isTold = nearest !== undefined && placed !== undefined
      const isAnswer = isTold && nearest.stations.includes(placed.alert.site)
      const begun = deviceNow()
      const time = wallTime(begun)
      setState({
        circuits,
        placed,
        draft: {
          ...{ kind, circuit: nearest?.id ?? '', dosage: '', time, begun, end: time, remark: '', photos: [] },
          sections: nearest ? sectionsOf(nearest, placed?.site) : [],
          ...(isAnswer && { alert: placed.alert.id }),
        },
      })
    },
    correct(entry) {
      const circuits = answer?.data.circuits ?? []
      const sections = circuits.find(({ id }) => id === entry.fact.circuit)?.sections ?? []
      const draft = draftOf(
        entry,
        sections.map(({ id }) => id),
      )
      setState({ circuits, placed: undefined, draft })
    },
    changeWaiting(action) {
      if (action.action !== 'record' || !action.draft) return
      const { id, at, draft, photos } = action
      setState({
        ...{ circuits: answer?.data.circuits ?? [], placed: undefined },
        draft: { ...draft, photos, waiting: { id, at, circuit: draft.circuit } },
      })
    },
    change: draft => setState(before => before && { ...before, draft: withOwnAlert(draft, before) }),
    sectionsOf: circuit => sectionsOf(circuit, state?.placed?.site),
    note(noted) {
      if (!state) return
      const { circuits, placed, draft } = state
      const circuit = circuits.find(({ id }) => id === draft.circuit)
      const { waiting, ...said } = draft
      const action: NewAction = {
        ...{ action: 'record', noted, at: waiting?.at ?? deviceNow(), actor },
        draft: { ...said, photos: [] },
        photos: draft.kind === 'treatment' ? draft.photos : [],
        what: draft.correction
          ? speech.t.own.correctionOf(speech.t.record.kinds[draft.kind])
          : speech.t.record.kinds[draft.kind],
        where: circuit ? speech.say(circuit.name) : placed ? nameOf(placed, speech).where : '',
      }
      if (waiting) outbox.replace(waiting.id, action)
      else outbox.add(action)
      setState(undefined)
    },
    cancel: () => setState(undefined),
  }
}

/** Only what a circuit's own stations tell is answered by what is noted of it. */
function withOwnAlert(
  { alert, ...draft }: Draft,
  { circuits, placed }: { circuits: Circuit[]; placed: Placed | undefined },
): Draft {
  const before = draft.correction?.of.fact.circuit ?? draft.waiting?.circuit
  if (before !== undefined) {
    const isOfSame = draft.circuit === before
    return isOfSame && alert !== undefined ? { ...draft, alert } : draft
  }
  const circuit = circuits.find(({ id }) => id === draft.circuit)
  const isOwn = placed !== undefined && circuit?.stations.includes(placed.alert.site)
  return isOwn ? { ...draft, alert: placed.alert.id } : draft
}
