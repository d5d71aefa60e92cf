/**
 * `malformed`: a payload of which nothing could be used; `rejected`: an entry that is not sound;
 * `conflict`: something else is stored under its point and time; `refused`: the store failed on it;
 * `gap`: numbers that the sender has lost.
 */
export const QUARANTINE_KINDS = ['malformed', 'rejected', 'conflict', 'refused', 'gap'] as const
export type QuarantineKind = (typeof QUARANTINE_KINDS)[number]
