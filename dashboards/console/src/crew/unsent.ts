import type { Action, NewAction, Queue } from './action.ts'

/** Whether the hub cannot have heard of an entry. */
export function isUnsent(action: Action): boolean {
  return action.action === 'record' && action.sent === undefined
}

/** Has another entry wait in the place of one; where the hub may have heard of that it stays, and the person is told. */
export async function replaceUnsent(queue: Queue, id: number, by: NewAction): Promise<void> {
  const waiting = (await queue.all()).find(action => action.id === id)
  if (waiting && isUnsent(waiting)) await queue.put({ ...by, id })
  else await queue.add({ ...by, outcome: { kind: 'sent-before' } })
}
