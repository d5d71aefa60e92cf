import { expect, test } from 'vitest'
import { replyCodeOf } from '../../../model/reply-code.ts'
import { messageOf } from '../../../rules/notify/message.ts'
import { FROST, memoryLog, START, testRegistry } from '../territory.ts'
import { BASE, iceEvent, NO_PHONES, TOKEN } from './fixtures.ts'

const RULE = FROST.replace('id: frost', 'id: road').replace(/\}$/, ', advice: { fr: Saler, en: Salt } }')
const territory = await testRegistry([RULE])
const site = territory.sites.get('col-du-loup')!
const registry = { ...territory, sites: new Map([[site.id, { ...site, road: 'D 907 PR 31+850' }]]) }
const links = { tokenOf: () => TOKEN, noticeOf: () => undefined, replyTokenOf: () => '' }
const hub = { registry, log: memoryLog().log, baseUrl: () => BASE, links, phones: NO_PHONES }
const message = (type: Parameters<typeof iceEvent>[0], reminder = 0) =>
  messageOf([{ number: 1, event: iceEvent(type), channel: 'sms', reminder, due: START }], hub)

test('an alert that is to be acknowledged says where it is, and what to do', () => {
  expect(message('fired')).toEqual({
    ...{ event: 'fired', severity: 'critical' },
    title: { fr: 'Critique – Col du Loup', en: 'Critical – Col du Loup' },
    text: {
      fr: 'Verglas, chaussée −1,2 °C – D 907 PR 31+850 – Saler',
      en: 'Ice, surface −1.2 °C – D 907 PR 31+850 – Salt',
    },
    map: 'https://www.openstreetmap.org/?mlat=44&mlon=6#map=15/44/6',
    link: `${BASE}/alerts/road-1`,
    acknowledge: `${BASE}/k/${TOKEN}`,
    answer: `${BASE}/v1/answers/${TOKEN}`,
    code: replyCodeOf('road-1', 0),
    key: 'road-1/fired',
  })
})

test('one that is over asks for nothing', () => {
  const { text, acknowledge } = message('resolved')
  expect(text.fr).toBe("Fin d'alerte le 22/11/2026 04:00 : Verglas, chaussée −1,2 °C")
  expect(acknowledge).toBeUndefined()
})

test('a reminder has a key of its own, and says since when nobody has answered', () => {
  const { key, text } = message('worsened', 2)
  expect(key).toBe('road-1/worsened-1/reminder-2')
  expect(text.en).toBe(
    'Reminder, unacknowledged since 22/11/2026 04:00: Ice, surface −1.2 °C – D 907 PR 31+850 – Salt',
  )
})
