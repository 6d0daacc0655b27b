import { describe, expect, it } from '@jest/globals';
import { parseDotenv } from '../../../src/usecases/transfer/dotenv.ts';

interface Line {
  readonly text: string;
  readonly value: string;
  readonly refers?: boolean;
}
const LINES: readonly Line[] = [
  { text: 'A=plain', value: 'plain' },
  { text: 'export A=plain', value: 'plain' },
  { text: '\t A = spaced out \t', value: 'spaced out' },
  { text: 'A=', value: '' },
  { text: 'A=x # a comment', value: 'x' },
  { text: 'A= # a comment', value: '' },
  { text: 'A=x#y', value: 'x#y' },
  { text: 'A=#y', value: '#y' },
  { text: 'A=x=y==', value: 'x=y==' },
  { text: `A='$x \\n "q" # in' # out`, value: '$x \\n "q" # in' },
  { text: 'A="x\\ny\\tz \\"q\\" \\\\n \\x # in" # out', value: 'x\ny\tz "q" \\n \\x # in' },
  { text: 'A="first\nsecond"', value: 'first\nsecond' },
  { text: "A='first\nsecond'", value: 'first\nsecond' },
  { text: "A=`it's`", value: "it's", refers: true },
  { text: 'A="é ü"', value: 'é ü' },
  { text: 'A="\\$HOME"', value: '$HOME' },
  { text: 'A=$HOME/x', value: '$HOME/x', refers: true },
  { text: `A="\${SECRET}"`, value: `\${SECRET}`, refers: true },
  { text: 'A=a$1', value: 'a$1' },
  { text: 'A=$(pass show azure)', value: '$(pass show azure)', refers: true },
  { text: 'A="$(pass show azure)"', value: '$(pass show azure)', refers: true },
  { text: "A='$(pass show azure)'", value: '$(pass show azure)' },
  { text: 'A="`pass show azure`"', value: '`pass show azure`', refers: true },
  { text: "A=$'it'", value: "$'it'", refers: true },
  { text: 'A=op://vault/item/field', value: 'op://vault/item/field', refers: true },
  { text: "A='op://vault/item/field'", value: 'op://vault/item/field', refers: true },
  { text: `A=\${{ secrets.AZURE }}`, value: `\${{ secrets.AZURE }}`, refers: true },
  { text: "A='{{ vault }}'", value: '{{ vault }}', refers: true },
  { text: 'A=<secret>', value: '<secret>', refers: true },
  { text: 'A="<your secret>"', value: '<your secret>', refers: true },
  { text: 'A=%SECRET%', value: '%SECRET%', refers: true },
  { text: 'A=*****', value: '*****', refers: true },
  { text: 'A=null', value: 'null', refers: true },
  { text: 'A=nullable<x>', value: 'nullable<x>' },
];

it.each(LINES)('$text', ({ text, value, refers = false }) => {
  const entry = { name: 'A', value, line: 2, refers };
  for (const end of ['\n', '\r\n']) {
    const whole = `# first\n${text}\nB=2`.replaceAll('\n', end);
    const lines = text.split('\n').length;
    expect(parseDotenv(whole)).toEqual({
      entries: [entry, { name: 'B', value: '2', line: 2 + lines, refers: false }],
      wrongLines: [],
    });
  }
});

describe('lines that are none', () => {
  it.each([
    'junk',
    'export A',
    '1A=x',
    'A B=x',
    '=x',
    'A="x"y',
    "A='x' y",
    'A="not closed',
    "A='not closed",
    'A="not closed\\"',
  ])('%s', (text) => {
    const { entries, wrongLines } = parseDotenv(`\n# a\n${text}\nB=2\n`);
    expect(wrongLines).toEqual([3]);
    expect(entries.map(({ name }) => name)).toEqual(['B']);
  });

  it('a megabyte of them is read at once', () => {
    const start = performance.now();
    const { wrongLines } = parseDotenv('A="\\"\n'.repeat(170_000));
    expect(wrongLines.length).toBeGreaterThan(1000);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
