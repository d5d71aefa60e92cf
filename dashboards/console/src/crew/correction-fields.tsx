import { Choices, Field } from './choices.tsx'
import type { Draft } from './entry.ts'
import { useSpeech } from './speech.ts'

interface CorrectionFieldsProps {
  why: string
  onChange(changed: Partial<NonNullable<Draft['correction']>>): void
}

/** Why an entry is put right: chosen, or in words. */
export function CorrectionFields({ why, onChange }: CorrectionFieldsProps) {
  const { t } = useSpeech()
  const isChosen = t.own.whys.includes(why)
  return (
    <>
      <Choices
        legend={t.own.why}
        name="why"
        choices={[...t.own.whys.map(each => [each, each] as const), ['', t.own.otherWhy]]}
        chosen={isChosen ? why : ''}
        onChoose={chosen => onChange({ why: chosen })}
      />
      {!isChosen && (
        <Field id="why" label={t.own.whyInWords}>
          <input
            id="why"
            class="crew-input"
            type="text"
            maxLength={1000}
            value={why}
            onInput={({ currentTarget }) => onChange({ why: currentTarget.value })}
          />
        </Field>
      )}
    </>
  )
}
