/**
 * The parts that a process of the hub can play. Publication, the record of alerts and
 * notification belong to `api`.
 */
export const ROLES = ['simulators', 'gateway', 'broker', 'ingest', 'fluids', 'rules', 'api'] as const
export type Role = (typeof ROLES)[number]

/** Those that several processes may play, who share the work. */
export const SHARED_ROLES: ReadonlySet<string> = new Set<Role>(['ingest', 'rules'])
