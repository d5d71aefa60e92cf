import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { openOwnKey } from '../../bus/own-key.ts'
import { deliveryKey, type Notice } from './notice.ts'

/** Signs what a notice may ask for, so that its reader needs no login. */
export interface Links {
  /** Safe in a URL, and short enough for an SMS. */
  tokenOf(notice: Notice): string
  /** The notice of a token that we have signed, while it is remembered. */
  noticeOf(token: string): Notice | undefined
  /** What only the gateway of a channel knows, to which people answer: safe in a URL. */
  replyTokenOf(channel: string): string
}

const TOKEN = /^([0-9a-z]+)-([\w-]{16})$/

/**
 * @param folder keeps the key
 * @param find the notice of a number
 */
export function openLinks(folder: string, find: (number: number) => Notice | undefined): Links {
  const key = openOwnKey(folder, 'links.key', () => randomBytes(32))
  // After a power cut a number may be unknown, but never another's: what it is about is signed all the same.
  const sign = (notice: Notice) =>
    createHmac('sha256', key)
      .update(JSON.stringify([notice.number, deliveryKey(notice.event), notice.channel]))
      .digest()
      .subarray(0, 12)

  return {
    tokenOf: notice => `${notice.number.toString(36)}-${sign(notice).toString('base64url')}`,
    noticeOf(token) {
      const [, number, signature] = TOKEN.exec(token) ?? []
      if (number === undefined) return undefined
      const notice = find(Number.parseInt(number, 36))
      return notice && timingSafeEqual(sign(notice), Buffer.from(signature!, 'base64url'))
        ? notice
        : undefined
    },
    replyTokenOf: channel =>
      createHmac('sha256', key)
        .update(JSON.stringify(['replies', channel]))
        .digest()
        .subarray(0, 18)
        .toString('base64url'),
  }
}
