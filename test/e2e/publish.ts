import { askHub, reachHub } from '../../control/client.ts'
import type { Outcome } from '../../publication/publish.ts'

/** Has the running hub of a data folder publish, as `affluent publish` does. */
export async function publishNow(data: string): Promise<Outcome[]> {
  const context = { progress: () => {}, signal: new AbortController().signal }
  return (await askHub((await reachHub(data))!, 'publish', {}, context)) as Outcome[]
}
