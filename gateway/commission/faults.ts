import { type QualityCode, type Reason, reasonOf } from '../../model/quality.ts'
import type { Point } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'

const WORDS: Partial<Record<Reason, Text>> = {
  timeout: {
    fr: 'pas de réponse à temps, ou plus rien de nouveau : équipement en marche ? délai (timeout), intervalle',
    en: 'no answer in time, or nothing new any more: is the device running? timeout, interval',
  },
  disconnected: {
    fr: 'pas de connexion : adresse, port, alimentation, pare-feu',
    en: 'no connection: address, port, power, firewall',
  },
  undecodable: {
    fr: 'illisible : vérifier ce que le registre en dit (value, type, element)',
    en: 'cannot be decoded: check what the registry says of it (value, type, element)',
  },
  'sensor-fault': {
    fr: 'l’équipement signale un capteur en défaut ou absent',
    en: 'the device reports that its sensor is faulty or missing',
  },
}

/** What a reason means where the protocol makes it more than that. */
const BY_DRIVER: Partial<Record<Point['source']['driver'], Partial<Record<Reason, Text>>>> = {
  modbus: {
    timeout: {
      fr: 'pas de réponse : numéro d’unité, vitesse et parité, câblage A/B, délai (timeout)',
      en: 'no answer: unit number, baud rate and parity, wires A and B, timeout',
    },
    exception: {
      fr: 'refusé par l’équipement : ce registre n’existe pas (affluent probe modbus)',
      en: 'refused by the device: there is no such register (affluent probe modbus)',
    },
    undecodable: {
      fr: 'illisible : vérifier le type et l’ordre des mots et des octets',
      en: 'cannot be decoded: check the type and the order of words and bytes',
    },
  },
  opcua: {
    exception: {
      fr: 'refusé par le serveur : ce nœud n’existe pas, ou pas pour cet utilisateur (affluent probe opcua)',
      en: 'refused by the server: there is no such node, or not for this user (affluent probe opcua)',
    },
  },
  http: {
    exception: {
      fr: 'refusé par le serveur : vérifier url, path, nom et mot de passe',
      en: 'refused by the server: check url, path, username and password',
    },
  },
}

/** Why a point has no value, and what to look at. */
export function describeFault(quality: QualityCode, { source }: Point): Text {
  const reason = reasonOf(quality)
  const known = reason && (BY_DRIVER[source.driver]?.[reason] ?? WORDS[reason])
  const words = known ?? { fr: quality, en: quality }
  if (source.driver !== 'modbus') return words
  const { table, address } = source.modbus
  const where = `unit ${source.unit}, ${table} ${address}`
  return { fr: `${words.fr} (${where})`, en: `${words.en} (${where})` }
}
