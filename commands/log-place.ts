import { readMirror } from '../publication/log/mirror.ts'
import { proofOf } from '../publication/log/proof.ts'
import type { Growth } from '../publication/log/verify.ts'

/** A log that proofs can be had from. */
export interface LogPlace {
  /** The proof of the first version that has a file of that SHA-256; undefined where there is none. */
  proof(sha256: string): Promise<unknown>
  /** How it has grown since it had so many leaves. */
  growth(from: number): Promise<Growth>
}

/** @param place its address, or a folder with a copy of it */
export function openLogPlace(place: string): LogPlace {
  return /^https?:\/\//.test(place) ? askedLog(place.replace(/\/+$/, '')) : copiedLog(place)
}

function copiedLog(folder: string): LogPlace {
  const mirror = readMirror(folder)
  return {
    async proof(sha256) {
      const index = mirror.findFile(sha256)
      return index === undefined ? undefined : proofOf(mirror, index)
    },
    async growth(from) {
      const head = mirror.newest()
      return { head, path: from <= head.size ? mirror.consistency(from, head.size) : [] }
    },
  }
}

function askedLog(address: string): LogPlace {
  async function ask(path: string): Promise<Response> {
    const url = `${address}/${path}`
    return fetch(url).catch(error => {
      throw new Error(`${url} cannot be reached: ${(error.cause ?? error).message}`, { cause: error })
    })
  }

  async function answerOf(answer: Response): Promise<unknown> {
    if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}`)
    return answer.json()
  }

  return {
    async proof(sha256) {
      const answer = await ask(`proof?sha256=${sha256}`)
      const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json')
      return answer.status === 404 && isProblem ? undefined : answerOf(answer)
    },
    async growth(from) {
      const { text, signature, size } = (await answerOf(await ask('head'))) as Record<string, unknown>
      const head = { text: String(text), signature: Buffer.from(String(signature), 'base64') }
      if (Number(size) < from) return { head, path: [] }
      const { proof } = (await answerOf(await ask(`consistency?from=${from}&to=${Number(size)}`))) as {
        proof: string[]
      }
      return { head, path: proof.map(hash => Buffer.from(hash, 'hex')) }
    },
  }
}
