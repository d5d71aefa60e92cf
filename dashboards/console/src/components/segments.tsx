/** One choice of a few, all in sight: radio buttons that look like a row of segments. */
export function Segments<Choice extends string>(props: {
  legend: string
  name: string
  choices: readonly (readonly [Choice, string])[]
  chosen: NoInfer<Choice>
  onChoose(choice: Choice): void
}) {
  const { legend, name, choices, chosen, onChoose } = props
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{legend}</legend>
      {choices.map(([choice, label]) => (
        <label key={choice}>
          <input type="radio" name={name} checked={choice === chosen} onChange={() => onChoose(choice)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}
