/** Where a part of a query stands in its text. */
export interface Place {
  start: number
  end: number
}

export type Operator = '+' | '-' | '*' | '/'
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

/** A value: of a field, written out, or worked out. */
export type Value = Place &
  (
    | { kind: 'field'; name: string }
    | { kind: 'text'; value: string }
    /** `text` as it was written: `075` is another code than `75`. */
    | { kind: 'number'; value: number; text: string }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'date'; value: string }
    | { kind: 'geometry'; value: string }
    /** A number with a unit, like `10km` or `1 day`. */
    | { kind: 'measure'; value: number; unit: string }
    /** `*` as an argument. */
    | { kind: 'all' }
    | { kind: 'negative'; of: Value }
    | { kind: 'operation'; operator: Operator; left: Value; right: Value }
    | { kind: 'call'; name: string; to: readonly Argument[] }
  )

/** `days=-1` of `now(days=-1)`, or just a value. */
export type Argument = Value | NamedArgument
export type NamedArgument = Place & { kind: 'named'; name: string; value: Value }

/** A condition; a value in the place of one is a search, a boolean field or a predicate. */
export type Predicate = Place &
  (
    | { kind: 'compare'; operator: Comparison; left: Value; right: Value }
    | {
        kind: 'between'
        of: Value
        low: Value
        high: Value
        /** Whether the bounds are within. */
        closed: { low: boolean; high: boolean }
      }
    | { kind: 'in'; of: Value; values: readonly Value[] }
    | { kind: 'like'; of: Value; text: string }
    | { kind: 'known'; of: Value; known: boolean }
    | { kind: 'truth'; of: Value; value: boolean; negated: boolean }
    | { kind: 'and' | 'or'; of: readonly Condition[] }
    | { kind: 'not'; of: Condition }
  )

export type Condition = Value | Predicate

/** `text` is what was written: without a label, results stand under it. */
export interface Labelled {
  of: Value
  text: string
  label: string | undefined
}

/** What `include(pop*)` and `exclude(pop*)` name; with `begin` all fields that begin so. */
export interface Pattern {
  name: string
  begin: boolean
}

export type Selected =
  | { kind: 'all' }
  | { kind: 'include' | 'exclude'; patterns: readonly Pattern[] }
  | ({ kind: 'value' } & Labelled)

export interface Ordering {
  of: Value
  text: string
  descending: boolean
}

/** A query that is no ODSQL. */
export class OdsqlSyntaxError extends Error {
  override readonly name = 'OdsqlSyntaxError'
}

/** @param at where it stands, from 0 */
export function unexpected(query: string, { start, end }: Place): OdsqlSyntaxError {
  if (start >= query.length) return new OdsqlSyntaxError(`unexpected end of query in ${query}`)
  return new OdsqlSyntaxError(`unexpected ${query.slice(start, end)} at position ${start} in ${query}`)
}
