import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { AccountRole, RecordStore, StoredToken, TokenScope } from '../records.ts'

type TokenRecords = Pick<RecordStore, 'addToken' | 'findToken' | 'tokens' | 'revokeToken' | 'spendToken'>

const COLUMNS = 'id, actor, scope, role, created_at, expires_at, revoked_at, spent_at'

export function tokenRecords(database: DatabaseSync): TokenRecords {
  const add = database.prepare(`
    INSERT INTO token (id, hash, actor, scope, role, created_at, expires_at)
    VALUES (:id, :hash, :actor, :scope, :role, :createdAt, :expiresAt)`)
  const find = database.prepare(`SELECT ${COLUMNS} FROM token WHERE hash = ?`)
  const list = database.prepare(`SELECT ${COLUMNS} FROM token ORDER BY created_at, id`)
  const revoke = database.prepare('UPDATE token SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL')
  const spend = database.prepare(`
    UPDATE token SET spent_at = :at
    WHERE id = :id AND spent_at IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :at)`)

  return {
    addToken({ id, hash, actor, scope, role, createdAt, expiresAt }) {
      add.run({ id, hash, actor, scope, role, createdAt, expiresAt: expiresAt ?? null })
    },
    findToken(hash) {
      const row = find.get(hash)
      return row && toToken(row)
    },
    tokens: () => list.all().map(toToken),
    revokeToken: (id, at) => revoke.run({ id, at }).changes > 0,
    spendToken: (id, at) => spend.run({ id, at }).changes > 0,
  }
}

function toToken(row: Record<string, SQLOutputValue>): StoredToken {
  const optional = (name: string, column: string) =>
    row[column] === null ? {} : { [name]: row[column] as number }
  return {
    id: row.id as string,
    actor: row.actor as string,
    scope: row.scope as TokenScope,
    role: row.role as AccountRole,
    createdAt: row.created_at as number,
    ...optional('expiresAt', 'expires_at'),
    ...optional('revokedAt', 'revoked_at'),
    ...optional('spentAt', 'spent_at'),
  }
}
