import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import type { Statement } from '../../model/statement.ts'
import { openStatementStore } from '../../store/statements/statement-store.ts'
import { temporaryFolder } from '../bus/fixtures.ts'

const invoice: Statement = {
  ...{ meter: 'gaz', origin: 'invoice', form: 'amount', start: 1000, end: 2000, value: 10, author: 'test' },
}
const all = { start: 0, end: 10_000 }

it('a file of the first version is read on, and takes what was written in another unit', () => {
  const file = join(temporaryFolder(), 'statements.sqlite')
  openStatementStore({ file }).close()
  const old = new DatabaseSync(file)
  old.exec(`ALTER TABLE statement DROP COLUMN written_value; ALTER TABLE statement DROP COLUMN written_unit;
    INSERT INTO statement (meter, origin, form, start, stop, value, author, recorded_at)
      VALUES ('gaz', 'invoice', 'amount', 1000, 2000, 10, 'test', 3000);
    PRAGMA user_version = 1`)
  old.close()

  for (const _ of [1, 2]) {
    const store = openStatementStore({ file })
    expect(store.add([invoice], 4000)).toEqual({ added: 0, repeated: 1, replaced: 0 })
    store.close()
  }
  const store = openStatementStore({ file })
  const written: Statement = { ...invoice, written: { value: 113, unit: 'kW.h' } }
  expect(store.add([written], 5000)).toEqual({ added: 1, repeated: 0, replaced: 1 })
  expect(store.add([written], 6000)).toEqual({ added: 0, repeated: 1, replaced: 0 })
  expect(store.amounts('gaz', all)).toMatchObject([{ value: 10, written: { value: 113, unit: 'kW.h' } }])
  // The same m³, but another invoice.
  expect(store.add([{ ...invoice, written: { value: 112, unit: 'kW.h' } }], 7000).replaced).toBe(1)
  store.close()
})
