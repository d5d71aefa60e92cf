import { openOutbox } from '../../bus/outbox.ts'
import type { Reading } from '../../model/reading.ts'
import { reading, silentLog } from './fixtures.ts'

/** Appends for ever and confirms each entry on the standard output: the crash test kills the process that does it. */
export async function appendForEver(folder: string): Promise<never> {
  const outbox = await openOutbox<Reading>({ folder, stream: 'measures', log: silentLog })
  for (;;) {
    const count = 1 + (outbox.next % 5)
    const first = outbox.append(Array.from({ length: count }, (_, i) => reading(outbox.next + i)))
    await new Promise(resolve => process.stdout.write(`${first + count - 1}\n`, resolve))
  }
}
