import type { Circuit, WinterFact } from '../api/types.ts'
import type { Speech } from './speech.ts'

/** What an entry says, in a line: `04:05 – 04:40 · Traitement · Sel sec, 15 g/m² · Montée`. */
export function wordsOf(fact: WinterFact, circuits: readonly Circuit[], speech: Speech): string {
  const { t, format, say } = speech
  const circuit = circuits.find(({ id }) => id === fact.circuit)
  const nameOf = (section: string) => circuit?.sections.find(({ id }) => id === section)?.label ?? section
  const whole = circuit ? say(circuit.name) : fact.circuit
  const parts = (when: string, what: (string | false)[], where: string) =>
    [when, t.record.kinds[fact.kind], what.filter(Boolean).join(', '), where, fact.remark]
      .filter(Boolean)
      .join(' · ')
  const clock = format.clock(fact.time)
  switch (fact.kind) {
    case 'condition': {
      const { condition, phenomenon, section } = fact
      const what = [t.record.conditions[condition], t.record.phenomena[phenomenon]]
      return parts(clock, what, nameOf(section))
    }
    case 'decision':
      return parts(
        clock,
        [t.record.decisions[fact.decision], fact.reason !== fact.remark && fact.reason],
        whole,
      )
    case 'treatment': {
      const { product, dosage, sections, end } = fact
      const what = [t.record.products[product], dosage !== null && format.amount(dosage, 'g/m²')]
      return parts(t.bands.span(clock, format.clock(end)), what, sections?.map(nameOf).join(', ') ?? whole)
    }
  }
}
