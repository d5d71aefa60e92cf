import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartSvg } from '../../api/open-data/chart-svg.ts'
import { indexPage } from '../../api/open-data/dataset-page.ts'
import type { DatasetPage } from '../../api/open-data/publication.ts'
import { findPeer } from '../peers/cache.ts'
import { launchChromium } from '../peers/chromium.ts'
import { publicationOf } from '../publication/files.ts'
import { type Hub, startHub } from './hub.ts'

const SHOWN: DatasetPage = {
  id: 'fluides',
  title: { fr: 'Consommation <mensuelle>', en: 'Monthly <consumption>' },
  description: { fr: 'Ce que les bâtiments ont consommé.', en: 'What the buildings used.' },
  keywords: [],
  frequency: 'MONTHLY',
  version: {
    ...{ dataset: 'fluides', version: 3, publishedAt: '2026-11-01T05:00:00.000Z', rows: 1234 },
    period: { start: '2025-10-01', end: '2026-10-31' },
    files: [{ name: 'fluides.csv', mediaType: 'text/csv', bytes: 123_456, sha256: 'ab'.repeat(32) }],
  },
  fields: [
    { name: 'fluide', type: 'string', title: { fr: 'Fluide', en: 'Fluid' }, description: 'Ce qui coule.' },
    {
      name: 'consommation',
      type: 'number',
      title: { fr: 'Consommation', en: 'Use' },
      description: 'Combien.',
    },
  ],
  preview: [['gaz & eau', '12.5']],
  followed: {
    gaps: {
      listed: Array.from({ length: 11 }, (_, n) => ({
        ...{ site: 'college', fluid: 'eau', from: `2026-09-${30 - n}`, to: '2026-10-01', coverage: 0.25 },
        filled: 'shared-out' as const,
      })),
      leftOut: 30,
    },
    exclusions: {
      listed: [{ site: 'college', fluid: 'gaz', time: '2026-09-30T10:00:00.000Z', reason: 'spurious' }],
      leftOut: 0,
    },
  },
  chart: {
    kWh: { electricite: { '2026-08': 1_000, '2026-09': 2_000, '2026-10': 1_500 }, gaz: { '2026-10': 700.5 } },
    m3: { eau: { '2026-09': 3 } },
  },
}

let hub: Hub
beforeAll(async () => {
  const base = await startHub()
  const { publication } = base.served
  await base.close()
  hub = await startHub({
    publication: {
      ...publicationOf(publication, []),
      page: async dataset => (dataset === 'fluides' ? SHOWN : undefined),
    },
  })
})
afterAll(() => hub.close())

describe('the page of a dataset', () => {
  it('tells everything in the language of the reader, without a script, and nothing of others is markup', async () => {
    const page = await hub.get('/open-data/datasets/fluides', { 'accept-language': 'fr-FR,fr' })
    expect(page.headers.get('vary')).toBe('Accept-Language')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('public, max-age=60')
    const html = await page.text()
    for (const text of [
      '<html lang="fr">',
      '/api/explore/v2.1/catalog/datasets/fluides/records --data-urlencode',
      'Consommation &#60;mensuelle&#62;',
      'Version 3, publiée le 1 novembre 2026 : 1\u202f234 lignes, du 1 octobre 2025 au 31 octobre 2026.',
      `<td>124 kB</td><td><code>${'ab'.repeat(32)}</code>`,
      '<td>gaz &#38; eau</td><td>12.5</td>',
      '<td>fluide</td><td>string</td><td>Fluide. Ce qui coule.</td>',
      'version 3 (1 novembre 2026), Licence Ouverte / Open Licence 2.0, https://hub.example/open-data/fluides/versions/3',
      'pd.read_csv(&#34;https://hub.example/open-data/fluides.csv&#34;',
      '<a href="/open-data/fluides.csv.proof.json">Preuve de publication du fichier CSV</a>',
      '<a href="/open-data/fluides/versions/3/provenance.jsonld">Provenance (PROV-O)</a>',
      '<td>2026-09</td><td>2\u202f000</td><td></td>',
      '<td>2026-09-21</td><td>2026-10-01</td><td>0,25</td><td>la part de ce que dit l’index suivant</td>',
      '<a href="/open-data/fluides.quality.json">Et 31 autres, dans le rapport de qualité</a>',
      '<td>gaz</td><td>30 sept. 2026, 12:00:00</td><td>une valeur isolée d’où les suivantes reviennent</td>',
    ])
      expect(html).toContain(text)
    expect(html).not.toMatch(/<script|noindex|<mensuelle>/)
    const english = await (await hub.get('/open-data/datasets/fluides?language=en')).text()
    expect(english).toContain('Version 3, published on 1 November 2026: 1,234 rows')
    const preferred = await hub.get('/open-data/datasets/fluides', { 'accept-language': 'en-GB' })
    expect(await preferred.text()).toContain('<html lang="en">')
    expect((await hub.get('/open-data/datasets/wasser')).status).toBe(404)
    expect((await hub.get('/open-data/datasets/fluides?language=de')).status).toBe(400)
  })

  it('is reached from the page of all datasets, which says what is not published yet', async () => {
    const html = await (await hub.get('/open-data?language=fr')).text()
    expect(html).toContain(
      '<a href="/open-data/datasets/fluides?language=fr">Consommation mensuelle de fluides',
    )
    const none = { ...hub.served.publication, latest: () => undefined }
    const context = { language: 'fr', publisher: '', timeZone: 'Europe/Paris', baseUrl: '' } as const
    expect(indexPage(none, [], context).body).toMatch(
      /<li>Consommation mensuelle de fluides[^<]* \(pas encore publié\)<\/li>/,
    )
  })
})

describe('the register of duties', () => {
  it('says by what each dataset is due, when it was published, and what is not and why', async () => {
    const refusal = {
      title: { fr: 'Heures <du> foyer', en: 'Hours' },
      basis: { fr: 'Demande du 2 mars', en: 'Asked for on 2 March' },
      since: '2026-03-20',
      reason: { fr: 'Elles disent quand il est vide', en: 'They tell when it is empty' },
    }
    const basis = { fr: 'Délibération 12', en: 'Decision 12' }
    const { territory } = hub.registry
    const registry = {
      ...hub.registry,
      territory: { ...territory, refusedData: [refusal], openDataBasis: { batiments: basis } },
    }
    const later = await startHub({ publication: hub.served.publication, registry })
    const { duties } = await later.json('/open-data/duties.json')
    expect(duties[0]).toMatchObject({
      ...{
        dataset: 'fluides',
        frequency: 'MONTHLY',
        lastPublication: '2026-11-01T00:00:00.000Z',
        refusal: null,
      },
      basis: { fr: expect.stringContaining('L. 312-1-1') },
    })
    expect(duties.find((duty: { dataset: string }) => duty.dataset === 'batiments')).toMatchObject({ basis })
    const { title, since, reason } = refusal
    expect(duties.at(-1)).toMatchObject({ dataset: null, title, refusal: { since, reason } })
    const html = await (await later.get('/open-data?language=fr')).text()
    expect(html).toContain('<td>Heures &#60;du&#62; foyer</td><td>Demande du 2 mars</td>')
    expect(html).toContain('non publié depuis le 20 mars 2026 : Elles disent quand il est vide')
    await later.close()
  })
})

describe('a chart', () => {
  it('leaves a gap where nothing is known, and begins at zero', () => {
    const svg = chartSvg({ a: { '1': 10, '2': 20, '4': 5 }, b: { '3': 1 } }, 'Sums', String)
    const [a] = [...svg.matchAll(/ d="(M[^"]*)"/g)].map(match => match[1])
    expect(a).toMatch(/^M70\.0 111\.0h0L240\.0 12\.0h0M580\.0 160\.5h0$/)
    expect(svg).toContain('aria-label="Sums"')
    expect(chartSvg({ a: { '1': 0 } }, '', String)).not.toContain('NaN')
  })
})

describe.runIf(findPeer('chromium'))('in Chromium', () => {
  it('the pages have no fault that axe finds, dark and light, and fit into 320 px', async () => {
    await using browser = await launchChromium()
    const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 320, height: 700 } })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', message => {
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
        faults.push(message.text())
    })
    for (const path of ['/open-data', '/open-data/datasets/fluides'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.goto(hub.url + path)
        await page.evaluate(`for (const details of document.querySelectorAll('details')) details.open = true`)
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => [path, id, nodes.map(node => node.html)])).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(320)
      }
    expect(faults).toEqual([])
    await page.setViewportSize({ width: 1100, height: 900 })
    await page.screenshot({
      path: process.env.AFFLUENT_SCREENSHOT ?? '/dev/null',
      type: 'png',
      fullPage: true,
    })
    await context.close()
  })
})
