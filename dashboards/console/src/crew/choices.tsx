import type { ComponentChildren } from 'preact'

interface ChoicesProps<T extends string> {
  legend: string
  name: string
  choices: readonly (readonly [T, string])[]
  chosen: T | undefined
  onChoose(choice: T): void
}

/** One of several, each as large as a thumb in a glove. */
export function Choices<T extends string>({ legend, name, choices, chosen, onChoose }: ChoicesProps<T>) {
  return (
    <fieldset class="crew-choices">
      <legend>{legend}</legend>
      {choices.map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === chosen}
            onChange={() => onChoose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}

interface ManyProps {
  legend: string
  choices: readonly (readonly [string, string])[]
  chosen: readonly string[]
  onChoose(chosen: string[]): void
}

/** Several of several. */
export function ManyChoices({ legend, choices, chosen, onChoose }: ManyProps) {
  return (
    <fieldset class="crew-choices">
      <legend>{legend}</legend>
      {choices.map(([value, text]) => (
        <label key={value}>
          <input
            type="checkbox"
            value={value}
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) =>
              onChoose(
                choices
                  .map(([each]) => each)
                  .filter(each => (each === value ? currentTarget.checked : chosen.includes(each))),
              )
            }
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** @param id of the control that it names */
export function Field({ id, label, children }: { id: string; label: string; children: ComponentChildren }) {
  return (
    <div class="crew-field">
      <label for={id}>{label}</label>
      {children}
    </div>
  )
}
