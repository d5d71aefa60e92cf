import type { Outlooks } from '../api/types.ts'
import { now } from '../clock.ts'
import { DANGERS } from '../i18n/dangers.ts'
import { useSpeech } from './speech.ts'
import { useKept } from './use-kept.ts'

const REFRESH_MS = 60_000

/** Where ice or hoar is already or to be expected, and where nobody can tell. What is older than what it looks ahead to is gone. */
export function Outlook() {
  const { t, format, language } = useSpeech()
  const { answer } = useKept<Outlooks>('/v1/outlook', REFRESH_MS)
  if (!answer || answer.data.roads.length === 0 || Date.parse(answer.data.until) < now()) return null
  const { time, roads } = answer.data
  const placed = roads.map(outlook => ({
    ...outlook,
    where: [outlook.siteName, outlook.road].filter(Boolean).join(', '),
  }))
  const roadsIn = (wanted: Outlooks['roads'][number]['state']) =>
    placed.filter(({ state }) => state === wanted)
  const [present, expected, unknown] = [roadsIn('now'), roadsIn('expected'), roadsIn('unknown')]
  const nameOf = (danger: string | null) => DANGERS[language].phenomenon[danger!] ?? danger!
  return (
    <section class="crew-outlook" aria-labelledby="outlook">
      <h2 id="outlook">{t.outlook.title}</h2>
      <ul>
        {present.map(({ point, where, danger }) => (
          <li key={point}>
            <strong>{where}</strong>
            {t.outlook.present(nameOf(danger))}
          </li>
        ))}
        {expected
          .toSorted((a, b) => a.at!.localeCompare(b.at!))
          .map(({ point, where, danger, at }) => (
            <li key={point}>
              <strong>{where}</strong>
              {t.outlook.expected(nameOf(danger), format.clock(Date.parse(at!)))}
            </li>
          ))}
      </ul>
      {roadsIn('none').length > 0 && (
        <p>{present.length + expected.length > 0 ? t.outlook.noneElsewhere : t.outlook.none}</p>
      )}
      {unknown.length > 0 && <p>{t.outlook.unknown(unknown.map(({ where }) => where).join(' ; '))}</p>}
      <p class="soft">{t.outlook.basis(format.clock(Date.parse(time)))}</p>
    </section>
  )
}
