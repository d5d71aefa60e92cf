import { type Command, InvalidArgumentError, Option } from 'commander'
import { MODBUS_TABLES, type ModbusTable } from '../model/modbus.ts'
import { MEASURED_QUANTITY_NAMES } from '../model/quantity.ts'
import { UNITS } from '../model/units.ts'
import { OPCUA_POLICIES } from '../registry/opcua-schema.ts'
import { parseCount, parseDuration, timeOption } from './flags.ts'

/** What each protocol needs is loaded only where it is asked for. */
export function addProbe(program: Command): void {
  const probe = program
    .command('probe')
    .description('look into a device on site, before it is in the registry; only ever reads')
  addProbeModbus(probe)
  addProbeOpcua(probe)
}

function addProbeModbus(probe: Command): void {
  withYamlFlags(
    probe
      .command('modbus')
      .description('find units, scan registers, show every decoding of one, name the model')
      .argument('[host]', 'of the device or converter, as 10.1.2.3 or 10.1.2.3:502')
      .addOption(
        new Option('--framing <name>', 'rtu: for a converter that passes the bytes of a serial line on')
          .choices(['tcp', 'rtu'])
          .default('tcp'),
      )
      .option('--serial <path>', 'a serial line of this machine instead: /dev/ttyUSB0, COM3')
      .option('--baud <n>', 'of the serial line', parseCount, 9600)
      .addOption(new Option('--parity <name>').choices(['none', 'even', 'odd']).default('none'))
      .addOption(new Option('--stop-bits <n>').choices(['1', '2']).default('1'))
      .option('--timeout <time>', 'for an answer; default: 2s, and 500ms to find units', parseDuration)
      .addOption(timeOption('--pause <time>', 'before each question', '20ms'))
      .addOption(timeOption('--budget <time>', 'how long the scan of a table may take', '2min'))
      .addOption(
        new Option('--units <range>', 'which to look for')
          .argParser(parseUnits)
          .default({ from: 1, to: 247 }, '1-247'),
      )
      .option('--unit <n>', 'look into this one', parseCount)
      .option('--table <list>', `of ${MODBUS_TABLES.join(', ')}; default: holding,input`, parseTables)
      .option('--from <address>', 'scan from here, counted from 0', parseCount, 0)
      .option('--to <address>', 'to here', parseCount, 999)
      .option('--register <number>', 'show every decoding of one register, as manuals number it: 40071')
      .option('--address <n>', 'the same by its address, counted from 0, in --table or holding', parseCount)
      .option('--shows <number>', "what the device's display shows: marks, or looks for, what fits")
      .option('--identify', 'try the device files of the library', false)
      .option('--devices <folder>', 'more device files, as <maker>/<model>.yaml')
      .addOption(new Option('--quantity <name>', 'of the point for --yaml').choices(MEASURED_QUANTITY_NAMES))
      .addOption(
        new Option('--in <unit>', "of the point for --yaml; default: the quantity's first").choices(UNITS),
      ),
  ).action(async (host, flags) => (await import('./probe-modbus.ts')).probeModbus(host, flags))
}

function addProbeOpcua(probe: Command): void {
  withYamlFlags(
    probe
      .command('opcua')
      .description('list the endpoints of a server, browse it, and show what its variables say')
      .argument('<url>', 'opc.tcp://10.1.2.3:4840')
      .addOption(
        new Option('--security <policy>', 'default: None where the server offers it').choices(OPCUA_POLICIES),
      )
      .option('--username <name>', 'log in with this name; nobody by name where it is left out')
      .option('--password-variable <name>', 'the variable that holds its password', 'OPCUA_PASSWORD')
      .option('--endpoints', 'list the endpoints and do no more', false)
      .option('--depth <n>', 'how many levels below the Objects folder', parseCount, 8)
      .option('--limit <n>', 'the most variables', parseCount, 1000)
      .option('--filter <text>', 'only variables whose name or node id holds this text')
      .option('--data <folder>', 'where the gateway keeps its certificates', 'data'),
  ).action(async (url, flags) => (await import('./probe-opcua.ts')).probeOpcua(url, flags))
}

/** What a registry file needs beside what was found. */
export interface YamlFlags {
  yaml?: string
  site?: string
  gateway: string
}

function withYamlFlags(command: Command): Command {
  return command
    .option('--yaml <file>', 'write what was found as a file of the registry; must not exist')
    .option('--site <id>', 'for --yaml: where the devices are')
    .option('--gateway <id>', 'for --yaml: which is to read them', 'gw-probe')
}

function parseTables(list: string): ModbusTable[] {
  return list.split(',').map(name => {
    const table = MODBUS_TABLES.find(known => known === name.trim())
    if (!table)
      throw new InvalidArgumentError(`There is no table ${name}; there are ${MODBUS_TABLES.join(', ')}.`)
    return table
  })
}

function parseUnits(text: string): { from: number; to: number } {
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? []
  const range = { from: Number(from), to: Number(to) }
  if (!(range.from <= range.to && range.to <= 255))
    throw new InvalidArgumentError('Write one like 3, or a range like 1-247; the last one is 255.')
  return range
}
