/** What is to be known of something, a name and a text each. */
export function Facts({ facts, look = 'facts' }: { facts: readonly (readonly string[])[]; look?: string }) {
  return (
    <dl class={look}>
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  )
}
