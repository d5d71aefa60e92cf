/** Something that is wrong with a file, and what to do about it. */
export interface Finding {
  file: string
  problem: string
  advice: string
}

/** The operations of a file that is looked into, see {@link ./duckdb/database.ts}. */
export interface CheckOperations {
  /** Reads everything; DuckDB has a checksum over each block. Rejects where one does not hold. */
  readAll(): Promise<void>
  /** What contradicts itself in what can be read. */
  check(full: boolean): Promise<Omit<Finding, 'file'>[]>
}
