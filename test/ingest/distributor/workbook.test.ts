import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openContents } from '../../../ingest/distributor/contents.ts'
import { loadFormats } from '../../../ingest/distributor/formats.ts'
import { placeOf, readDistributorFile } from '../../../ingest/distributor/read-file.ts'
import { writeZip } from './archives.ts'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affluent-workbook-'))
  file = join(folder, 'classeur.xlsx')
})
afterAll(() => rm(folder, { recursive: true }))

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const RELATIONS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

/** The least that a workbook of one sheet is; formats of numbers 14 and 164 are the styles 1 and 2. */
const workbook = (rows: string, more: Record<string, string> = {}) => ({
  'xl/workbook.xml': `<workbook ${MAIN} ${RELATIONS}><sheets><sheet name="Relevé &amp; index" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels':
    '<Relationships><Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/></Relationships>',
  'xl/styles.xml': `<styleSheet ${MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/><numFmt numFmtId="165" formatCode="0.0&quot; kWh/jour&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`,
  'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${rows}</sheetData></worksheet>`,
  ...more,
})

async function rowsOf(members: Record<string, string | Buffer>) {
  await writeZip(file, members)
  const rows: [string | undefined, number, string[]][] = []
  for await (const content of openContents(file)) {
    if (content.kind !== 'sheet') throw new Error(`${content.kind} where a sheet was expected`)
    for await (const { line, cells } of content.records()) rows.push([content.member, line, cells])
  }
  return rows
}

it('cells are read at their place, whatever their kind', async () => {
  const rows = await rowsOf(
    workbook(
      `<row r="3"><c r="B3" t="inlineStr"><is><t>en ligne</t></is></c><c r="D3" t="s"><v>0</v></c></row>
       <row r="7"><c r="A7" t="str"><f>A1</f><v>d’une formule</v></c><c r="B7"/><c r="C7" t="b"><v>1</v></c><c r="D7"><v>6.3289999999999997</v></c><c t="e"><v>#N/A</v></c></row>
       <row r="8"><c r="AB8" s="3"><v>12</v></c></row>`,
      {
        'xl/sharedStrings.xml': `<sst ${MAIN}><si><r><t>Point </t></r><r><t>de livraison</t></r><rPh sb="0" eb="1"><t>kana</t></rPh></si></sst>`,
      },
    ),
  )
  expect(rows).toEqual([
    ['Relevé & index', 3, ['', 'en ligne', '', 'Point de livraison']],
    ['Relevé & index', 7, ['d’une formule', '', '1', '6.329', '#N/A']],
    ['Relevé & index', 8, [...Array(27).fill(''), '12']],
  ])
})

/** 45955 is 2025-10-25; a half hour is 1/48 of a day, which no binary fraction is. */
const DATES =
  '<row><c s="1"><v>45955</v></c><c s="2"><v>45955.020833333336</v></c><c s="2"><v>0.10416666666666667</v></c><c><v>45955</v></c></row>'

it('dates are civil times without a zone, to the second; other numbers stay numbers', async () => {
  expect((await rowsOf(workbook(DATES)))[0]![2]).toEqual([
    ...['2025-10-25', '2025-10-25T00:30:00', '02:30:00'],
    '45955',
  ])
})

it('a workbook may count its days from 1904', async () => {
  const from1904 = `<workbook ${MAIN} ${RELATIONS}><workbookPr date1904="1"/><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`
  const [row] = await rowsOf(workbook(DATES, { 'xl/workbook.xml': from1904 }))
  expect(row![2][0]).toBe('2029-10-26')
})

it('a sheet that cannot be read is told with its line, and the others are read', async () => {
  const formats = await loadFormats()
  const sheets = ['absente', 'coupée', 'bonne'].map(
    (name, at) => `<sheet name="${name}" sheetId="${at}" r:id="rId${at}"/>`,
  )
  const cell = (text: string) => `<c t="inlineStr"><is><t>${text}</t></is></c>`
  const row = (...texts: string[]) => `<row>${texts.map(cell).join('')}</row>`
  await writeZip(
    file,
    workbook('', {
      'xl/workbook.xml': `<workbook ${MAIN} ${RELATIONS}><sheets>${sheets.join('')}</sheets></workbook>`,
      'xl/_rels/workbook.xml.rels':
        '<Relationships><Relationship Id="rId1" Target="/xl/cut.xml"/><Relationship Id="rId2" Target="good.xml"/></Relationships>',
      'xl/cut.xml': `<worksheet>\n<sheetData><row><c>`,
      'xl/good.xml': `<worksheet><sheetData>${row('Date', 'Index', 'Consommation', 'Methode')}${row('2026-10-24', '1', '153', 'Mesure')}</sheetData></worksheet>`,
    }),
  )
  const places: string[] = []
  const { faults } = await readDistributorFile(file, formats, { deliveryPoint: 'eau-1' }, value => {
    places.push(placeOf(value))
  })
  expect(places).toEqual(['bonne, line 2'])
  expect(faults).toMatchObject([
    { member: 'absente', reason: 'the sheet absente is missing' },
    { member: 'coupée', reason: expect.stringMatching(/^line 2: Unclosed root tag|^line 2: Unexpected end/) },
  ])
})

it('entities that a sheet declares are not expanded', async () => {
  const members = workbook('')
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${members['xl/worksheets/sheet1.xml'].replace('<sheetData>', '<sheetData><row><c t="str"><v>&b;</v></c></row>')}`
  await expect(rowsOf({ ...members, 'xl/worksheets/sheet1.xml': bomb })).rejects.toThrow(
    'Invalid character entity',
  )
})

it('a cell that holds more than any does is told', async () => {
  const cell = `<row><c t="str"><v>${'a'.repeat(70_000)}</v></c></row>`
  await expect(rowsOf(workbook(cell))).rejects.toThrow('line 1: an element holds too much text')
})

it('a workbook within an archive is read, sheet by sheet', async () => {
  const xlsx = await readFile(join(import.meta.dirname, 'fixtures/enedis/consommation-quotidienne-xlsx.xlsx'))
  await writeZip(file, { 'envoi/conso.xlsx': xlsx })
  const members: (string | undefined)[] = []
  for await (const { member } of openContents(file)) members.push(member)
  expect(members).toEqual([
    "envoi/conso.xlsx, Page d'accueil",
    'envoi/conso.xlsx, Export Consommation Quotidienne',
    'envoi/conso.xlsx, Export Production Quotidienne',
  ])
})
