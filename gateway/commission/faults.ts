import { type QualityCode, type Reason, reasonOf } from '../../model/quality.ts'
import type { Point } from '../../registry/registry.ts'
import type { Text } from '../../registry/schema.ts'

const WORDS: Partial<Record<Reason, Text>> = {
  timeout: {
    fr: 'pas de réponse : numéro d’unité, vitesse et parité, câblage A/B, délai (timeout)',
    en: 'no answer: unit number, baud rate and parity, wires A and B, timeout',
  },
  disconnected: {
    fr: 'pas de connexion : adresse, port, alimentation, pare-feu',
    en: 'no connection: address, port, power, firewall',
  },
  exception: {
    fr: 'refusé par l’équipement : ce registre ou ce nœud n’existe pas (affluent probe)',
    en: 'refused by the device: there is no such register or node (affluent probe)',
  },
  undecodable: {
    fr: 'illisible : vérifier le type et l’ordre des mots et des octets',
    en: 'cannot be decoded: check the type and the order of words and bytes',
  },
  'sensor-fault': {
    fr: 'l’équipement signale un capteur en défaut ou absent',
    en: 'the device reports that its sensor is faulty or missing',
  },
}

/** Why a point has no value, and what to look at. */
export function describeFault(quality: QualityCode, { source }: Point): Text {
  const reason = reasonOf(quality)
  const words = (reason && WORDS[reason]) ?? { fr: quality, en: quality }
  if (source.driver !== 'modbus') return words
  const { table, address } = source.modbus
  const where = `unit ${source.unit}, ${table} ${address}`
  return { fr: `${words.fr} (${where})`, en: `${words.en} (${where})` }
}
