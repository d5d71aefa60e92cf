import { TREATMENT_PRODUCTS } from '../../../../model/winter-service.ts'
import { Choices } from './choices.tsx'
import type { Draft } from './entry.ts'
import { useSpeech } from './speech.ts'

interface TreatmentFieldsProps {
  draft: Draft
  onChange(changed: Partial<Draft>): void
}

/** g/m² */
const STEP = 5

/** What was spread, and how much of it. */
export function TreatmentFields({ draft, onChange }: TreatmentFieldsProps) {
  const { t } = useSpeech()
  const { product, dosage } = draft
  const step = (by: number) => {
    const amount = Math.max(0, (Number(dosage.replace(',', '.')) || 0) + by)
    onChange({ dosage: amount > 0 ? String(amount) : '' })
  }
  return (
    <>
      <Choices
        legend={t.record.product}
        name="product"
        choices={TREATMENT_PRODUCTS.map(each => [each, t.record.products[each]] as const)}
        chosen={product}
        onChoose={chosen => onChange({ product: chosen })}
      />
      {product !== 'none' && (
        <div class="crew-stepper">
          <label for="dosage">{t.record.dosage}</label>
          <button type="button" class="button" aria-label={t.record.less(STEP)} onClick={() => step(-STEP)}>
            −{STEP}
          </button>
          <input
            id="dosage"
            class="crew-input"
            type="text"
            inputMode="decimal"
            autocomplete="off"
            value={dosage}
            onInput={({ currentTarget }) => onChange({ dosage: currentTarget.value })}
          />
          <button type="button" class="button" aria-label={t.record.more(STEP)} onClick={() => step(STEP)}>
            +{STEP}
          </button>
        </div>
      )}
    </>
  )
}
