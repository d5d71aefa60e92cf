import { describe, expect, test } from 'vitest'
import { expressionRule, heatingRegistry } from '../heating.ts'

describe('what says nothing is an error of the registry', () => {
  test.each([
    ['supply - back', /when: is double, where true or false is wanted \(for college\/boiler\/supply\)/],
    ['dyn(pump)', /when: is dyn, where true or false is wanted/],
    [
      'supply - bakc < 3.0',
      /when: Unknown variable: bakc; there are value, supply, back, pump, \S+ heat, power \(character 10\)/,
    ],
    ['supply - 3 > 0.0', /when: no such overload: double - int \(character 1\)/],
    ['pump < 3.0', /when: no such overload: bool < double/],
    ['mode == 1.0', /when: no such overload: string == double/],
    ['supply >', /when: Unexpected token: EOF/],
    ['mode.matches("^(a+)+$")', /when: matches\(\) is not to be had: there are double, int, contains/],
    ['[1, 2].exists(x, double(x) > supply)', /when: exists\(\) is not to be had/],
    ['double(size(mode)) / 2.0 > 1.0', /when: size\(\) is not to be had/],
    ['', /condition\.when: /],
  ])('%s', async (when, message) => {
    await expect(heatingRegistry([expressionRule(when)])).rejects.toThrow(message)
  })

  test.each([
    ['{ back: bakc }', /condition\.points\.back: there is no point college\/boiler\/bakc/],
    ['{ back: A/b }', /condition\.points\.back: write a point as <point>/],
    ['{ value: back }', /condition\.points\.value: value is the point of the rule itself/],
    ['{ in: back }', /condition\.points\.in: is a word of the language: use another one/],
    ['{ double: back }', /condition\.points\.double: is a word of the language/],
    ["{ 'true': back }", /condition\.points\.true: is a word of the language/],
    ['{ Back: back }', /condition\.points\.Back: use letters, digits and _, a lower-case letter first/],
  ])('points: %s', async (points, message) => {
    await expect(heatingRegistry([expressionRule('value > 1.0', points)])).rejects.toThrow(message)
  })
})
