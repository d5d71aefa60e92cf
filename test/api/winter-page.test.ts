import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { axeViolations } from '../console/axe.ts'
import { findPeer } from '../peers/cache.ts'
import { launchShell } from '../peers/chromium.ts'
import { condition, correction, decision, startWinterHub, treatment, type WinterHub } from './winter-hub.ts'

let hub: WinterHub
beforeEach(async () => {
  hub = await startWinterHub('2026-11-23T12:00:00Z')
})
afterEach(() => hub.close())

const NIGHT = '2026-11-22'
const htmlOf = async (date: string, query = '', headers = {}) =>
  (await hub.page(date, query, { 'accept-language': 'fr', ...headers })).text()

/** A night with something in each column. */
async function fill() {
  const message = { fr: 'Verglas <b>ici</b>', en: 'Ice <b>here</b>' }
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z', { message })
  await hub.send(condition(1, '2026-11-22T18:00:00Z', { remark: '<script>alert("1")</script>' }))
  await hub.send(
    correction(2, '2026-11-22T18:10:00Z', 1, condition(0, '2026-11-22T18:05:00Z', { condition: 'C3' })),
  )
  await hub.send(treatment(3, '2026-11-23T04:00:00Z', '2026-11-23T05:30:00Z', { sections: ['montee'] }))
  await hub.send(
    treatment(4, '2026-11-23T06:00:00Z', '2026-11-23T06:30:00Z', { product: 'none', dosage: undefined }),
  )
  await hub.send(correction(5, '2026-11-23T07:00:00Z', 4))
}

it('a night is printed in French or English, with its seals, and nothing of others is markup', async () => {
  await fill()
  const page = await hub.page(NIGHT, '?circuit=circuit-du-col', { 'accept-language': 'fr' })
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('content-security-policy')).toContain("style-src 'self' 'sha256-")
  const html = await page.text()
  for (const text of [
    '<html lang="fr">',
    '<h2>Circuit du &#60;col&#62;</h2>',
    'Nuit du 22 novembre 2026 à 12:00 au 23 novembre 2026 à 12:00, 24 h, heure de Europe/Paris.',
    'Verglas &#60;b&#62;ici&#60;/b&#62;',
    '1 alerte sans décision enregistrée.',
    'C3 (difficile) · verglas · montee',
    'sel humidifié (bouillie) · 15 g/m² · jusqu’à 23/11 06:30:00 · montee',
    'S2, en vigueur · référence C1 · minimale C3 · délai de retour 4 h',
    'montee · D 907, PR 24+0 – 31+850 · Montée',
    'S2, hors horaires',
    `<code>${hub.records.alertChain().hash}</code>`,
    `<code>${hub.registry.hash}</code>`,
    '@page { size: A4 landscape',
  ])
    expect(html).toContain(text)
  expect(html).not.toMatch(/<script|<b>|<pass>|<col>/)
  const english = await htmlOf(NIGHT, '?language=en&circuit=circuit-du-col')
  expect(english).toContain('<h2>Circuit of the &#60;pass&#62;</h2>')
  expect(english).toContain('?circuit=circuit-du-col&#38;language=fr')
  expect(english).not.toContain('This night is not over')
})

it('what was corrected is struck through, and followed by what is right or that nothing is', async () => {
  await fill()
  const rows = [...(await htmlOf(NIGHT, '?circuit=circuit-du-col')).matchAll(/<tr>.*<\/tr>/g)].map(
    ([row]) => row,
  )
  expect(rows).toHaveLength(7)
  expect(rows[1]).toContain('<del>C2 (délicate) · verglas · montee')
  expect(rows[1]).toContain('corrigé ci-dessous')
  expect(rows[2]).toContain('Correction du 22/11 19:10:00 : Faute de frappe')
  expect(rows[2]).toContain('C3 (difficile)')
  expect(rows[2]).not.toContain('<del>')
  expect(rows[5]).toContain('<del>raclage sans produit')
  expect(rows[6]).toContain('Annulation du 23/11 08:00:00 : Faute de frappe')
  // Under what it withdraws: time, alert, seen, decision, treatment.
  expect(rows[6]!.split('<td ')[4]).toContain('Annulation')
})

it('an open alert says so until someone decides', async () => {
  hub.tell('fired', 'col', '2026-11-22T21:00:00Z')
  expect(await htmlOf(NIGHT)).toContain('<span class="open">Sans décision</span>')
  await hub.send(decision(1, '2026-11-22T22:00:00Z', { alert: 'gel-col' }))
  const html = await htmlOf(NIGHT, '?circuit=circuit-du-col')
  expect(html).not.toContain('Sans décision')
  expect(html).toContain('Traiter · Verglas attendu · alerte gel-col')
})

it('tells both hours apart that an autumn night has twice, and that a night is not over', async () => {
  hub.at('2026-10-25T10:00:00Z')
  const account = hub.accountOf('chef')
  for (const [id, time] of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].entries())
    await hub.send(condition(id, time), account)
  const html = await (await hub.page('2026-10-24', '', { ...account, 'accept-language': 'fr' })).text()
  expect(html).toContain('25/10 02:30:00 UTC+2')
  expect(html).toContain('25/10 02:30:00 UTC+1')
  expect(html).toContain(', 25 h, ')
  expect(html).toContain('Cette nuit n’est pas terminée')
})

it('without an account it says how to open a session, and shows nothing', async () => {
  await fill()
  const page = await hub.get(`/winter-service/nights/${NIGHT}`, { 'accept-language': 'fr' })
  expect(page.status).toBe(401)
  const html = await page.text()
  expect(html).toContain('ouvrez d’abord une session')
  expect(html).not.toContain('patrouilleur-1')
})

describe.runIf(findPeer('chromium'))('in a browser', () => {
  it('has nothing that axe objects to, keeps to the policy, and fits on a phone and across a sheet', async () => {
    await fill()
    await using browser = await launchShell()
    const { authorization } = hub.account
    const context = await browser.newContext({ locale: 'fr-FR', extraHTTPHeaders: { authorization } })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', message => {
      if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
        faults.push(message.text())
    })
    await page.goto(`${hub.url}/winter-service/nights/${NIGHT}`)
    await page.getByRole('heading', { level: 2, name: 'Circuit du <col>' }).waitFor()
    const violations = await axeViolations(page)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
    await page.setViewportSize({ width: 320, height: 600 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    for (const cell of await page.locator('td:visible').all())
      expect((await cell.boundingBox())!.width).toBeGreaterThan(240)
    expect(await page.locator('td[data-column="Décision"]:visible').count()).toBe(0)
    await page.emulateMedia({ media: 'print' })
    // A4 across, less its margins, at 96 dots an inch.
    await page.setViewportSize({ width: 1032, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1032)
    expect(await page.locator('nav').isVisible()).toBe(false)
    expect(faults).toEqual([])
    await context.close()
  })
})
