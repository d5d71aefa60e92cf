import { useEffect, useRef, useState } from 'preact/hooks'
import { DRIVING_CONDITIONS, WINTER_DECISIONS, WINTER_PHENOMENA } from '../../../../model/winter-service.ts'
import type { Circuit } from '../api/types.ts'
import { deviceNow } from '../clock.ts'
import { Choices, Field, ManyChoices } from './choices.tsx'
import { CorrectionFields } from './correction-fields.tsx'
import { type Draft, entryOf, hasNoStart, lastInstantOf, type Missing, type Noted } from './entry.ts'
import { wordsOf } from './entry-words.ts'
import { correctionOf, type OwnEntry, withdrawalOf } from './own-entries.ts'
import { PhotoField } from './photo-field.tsx'
import { useSpeech } from './speech.ts'
import { TreatmentFields } from './treatment-fields.tsx'

interface RecordFormProps {
  draft: Draft
  circuits: readonly Circuit[]
  /** Of another circuit than before: which sections are chosen then. */
  sectionsOf(circuit: Circuit): readonly string[]
  onDraft(draft: Draft): void
  onNote(noted: Noted): void
  onCancel(): void
}

const KINDS = ['condition', 'decision', 'treatment'] as const

/** What was seen, decided or done on the road: for one thumb, in a glove. */
export function RecordForm({ draft, circuits, sectionsOf, onDraft, onNote, onCancel }: RecordFormProps) {
  const speech = useSpeech()
  const { t, say } = speech
  const [missing, setMissing] = useState<Missing>()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    title.current?.focus()
    scrollTo(0, 0)
  }, [])
  const circuit = circuits.find(({ id }) => id === draft.circuit)
  const said = draft.correction?.of.fact
  const ownReason = said?.kind === 'decision' && said.reason !== said.remark ? [said.reason] : []
  const reasons = [...new Set([...t.record.reasons, ...ownReason])]
  const change = (changed: Partial<Draft>) => {
    setMissing(undefined)
    onDraft({ ...draft, ...changed })
  }
  const sections = circuit?.sections.map(({ id, road, label }) => [id, `${road}, ${label ?? id}`] as const)
  const { correction } = draft
  const withdraw = (of: OwnEntry, why: string) => () =>
    why.trim() ? onNote(withdrawalOf(of, why, deviceNow())) : setMissing('why')
  const submit = (event: Event) => {
    event.preventDefault()
    const allSections = circuit?.sections.map(({ id }) => id) ?? []
    const result = (correction ? correctionOf : entryOf)(
      draft,
      allSections,
      lastInstantOf(draft, deviceNow()),
    )
    if (typeof result === 'string') setMissing(result)
    else onNote(result)
  }
  return (
    <form class="crew-form" onSubmit={submit} noValidate>
      <h2 ref={title} tabIndex={-1}>
        {correction ? t.own.correctionOf(t.record.kinds[draft.kind]) : t.record.title}
      </h2>
      {correction ? (
        <p class="crew-old">{t.own.replaces(wordsOf(correction.of.fact, circuits, speech))}</p>
      ) : (
        <Choices
          legend={t.record.kind}
          name="kind"
          choices={KINDS.map(kind => [kind, t.record.kinds[kind]] as const)}
          chosen={draft.kind}
          onChoose={kind => change({ kind })}
        />
      )}
      {circuits.length > 1 && (
        <Choices
          legend={t.record.circuit}
          name="circuit"
          choices={circuits.map(({ id, name }) => [id, say(name)] as const)}
          chosen={draft.circuit}
          onChoose={id =>
            change({ circuit: id, sections: sectionsOf(circuits.find(each => each.id === id)!) })
          }
        />
      )}
      {draft.kind === 'condition' && sections && (
        <>
          <Choices
            legend={t.record.section}
            name="section"
            choices={sections}
            chosen={draft.sections[0]}
            onChoose={id => change({ sections: [id] })}
          />
          <Choices
            legend={t.record.condition}
            name="condition"
            choices={DRIVING_CONDITIONS.map(each => [each, t.record.conditions[each]] as const)}
            chosen={draft.condition}
            onChoose={condition => change({ condition })}
          />
          <Choices
            legend={t.record.phenomenon}
            name="phenomenon"
            choices={WINTER_PHENOMENA.map(each => [each, t.record.phenomena[each]] as const)}
            chosen={draft.phenomenon}
            onChoose={phenomenon => change({ phenomenon })}
          />
        </>
      )}
      {draft.kind === 'decision' && (
        <>
          <Choices
            legend={t.record.decision}
            name="decision"
            choices={WINTER_DECISIONS.map(each => [each, t.record.decisions[each]] as const)}
            chosen={draft.decision}
            onChoose={decision => change({ decision })}
          />
          <Choices
            legend={t.record.reason}
            name="reason"
            choices={[...reasons.map(each => [each, each] as const), ['', t.record.otherReason]]}
            chosen={draft.reason ?? ''}
            onChoose={reason => change({ reason: reason || undefined })}
          />
        </>
      )}
      {draft.kind === 'treatment' && sections && (
        <>
          <ManyChoices
            legend={t.record.sections}
            choices={sections}
            chosen={draft.sections}
            onChoose={chosen => change({ sections: chosen })}
          />
          <TreatmentFields draft={draft} onChange={change} />
          <PhotoField photos={draft.photos} onPhotos={photos => change({ photos })} />
        </>
      )}
      <Field id="time" label={draft.kind === 'treatment' ? t.record.start : t.record.time}>
        <input
          id="time"
          class="crew-input"
          type="time"
          value={hasNoStart(draft) ? '' : draft.time}
          onInput={({ currentTarget }) => change({ time: currentTarget.value })}
        />
      </Field>
      {draft.kind === 'treatment' && (
        <Field id="end" label={t.record.end}>
          <input
            id="end"
            class="crew-input"
            type="time"
            value={draft.end}
            onInput={({ currentTarget }) => change({ end: currentTarget.value })}
          />
        </Field>
      )}
      <Field
        id="remark"
        label={draft.kind === 'decision' && !draft.reason ? t.record.reasonInWords : t.record.remark}
      >
        <textarea
          id="remark"
          class="crew-input"
          rows={2}
          maxLength={1000}
          value={draft.remark}
          onInput={({ currentTarget }) => change({ remark: currentTarget.value })}
        />
      </Field>
      {correction && (
        <CorrectionFields
          why={correction.why}
          onChange={changed => change({ correction: { ...correction, ...changed } })}
        />
      )}
      <div role="alert">{missing && <p class="crew-old">{t.record.missing[missing]}</p>}</div>
      <button type="submit" class="button button-main crew-wide crew-act">
        {correction ? t.own.save : t.record.note}
      </button>
      {correction && (
        <button type="button" class="button crew-wide" onClick={withdraw(correction.of, correction.why)}>
          {t.own.withdraw}
        </button>
      )}
      <button type="button" class="button crew-wide" onClick={onCancel}>
        {t.record.cancel}
      </button>
    </form>
  )
}
