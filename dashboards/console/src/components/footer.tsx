import { useHub } from '../hub.ts'
import { useSpeech } from '../i18n/language.ts'

export function Footer() {
  const { t, say } = useSpeech()
  const { territory } = useHub()
  const { publisher, version, registry, timeZone } = territory
  return (
    <footer class="footer">
      <div class="footer-inner">
        <nav aria-label={t.footer.label}>
          <ul>
            <li>
              <a href="/open-data/fluides.csv" data-leaves>
                {t.footer.monthly}
              </a>
            </li>
            <li>
              <a href="/open-data/fluides-jour.csv" data-leaves>
                {t.footer.daily}
              </a>
            </li>
            <li>
              <a href="/open-data/catalog.jsonld" data-leaves>
                {t.footer.catalogue}
              </a>
            </li>
            <li>
              <a href="/docs" data-leaves>
                {t.footer.reference}
              </a>
            </li>
          </ul>
        </nav>
        <p>
          {say(territory.name)} · <a href={publisher.url}>{publisher.name}</a>
        </p>
        <p>
          {t.footer.version(version)} · {t.footer.registry(registry.slice(0, 12))} · {t.footer.zone(timeZone)}
        </p>
      </div>
    </footer>
  )
}
