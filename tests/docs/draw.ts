import type { Piece } from '../support/tiny-terminal.ts';

/** Of the terminals that are drawn. */
export const COLUMNS = 102;
const [CHARACTER, LINE, MARGIN] = [7.83, 19, 16];

/** In a light and in a dark room; the contrast of each is at least 4.5 to 1. */
const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ['#ffffff', '#0d1117'],
  frame: ['#d1d9e0', '#3d444d'],
  text: ['#1f2328', '#e6edf3'],
  dim: ['#59636e', '#9198a1'],
  red: ['#c21c2c', '#ff7b72'],
  green: ['#116329', '#56d364'],
  yellow: ['#7d4e00', '#e3b341'],
  blue: ['#0550ae', '#79c0ff'],
  cyan: ['#0f6674', '#56d4dd'],
};

/**
 * A terminal as an SVG: text that can be selected, in colours that suit the reader's.
 * @param title says what is to be seen, for who does not see it
 */
export function drawTerminal(title: string, lines: readonly (readonly Piece[])[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER) + 2 * MARGIN;
  const height = lines.length * LINE + 2 * MARGIN;
  const texts = lines.map((pieces, at) => {
    const spans = pieces.map(drawPiece).join('');
    return `<text x="${MARGIN}" y="${MARGIN + at * LINE + 14}">${spans}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>${escapeXml(title)}</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
.bold { font-weight: bold; }
${palette(0)}
@media (prefers-color-scheme: dark) {
${palette(1)}
}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
${texts.join('\n')}
</svg>
`;
}

function palette(room: 0 | 1): string {
  const { ground, frame, text, ...looks } = COLOURS;
  const rules = Object.entries(looks).map(([name, pair]) => `.${name} { fill: ${pair[room]}; }`);
  const base = [
    `.ground { fill: ${ground?.[room]}; stroke: ${frame?.[room]}; }`,
    `text { fill: ${text?.[room]}; }`,
  ];
  return [...base, ...rules].join('\n');
}

function drawPiece({ text, look }: Piece): string {
  for (const name of look.split(' ')) {
    if (name !== '' && name !== 'bold' && !COLOURS[name]) throw new Error(`no colour for ${name}`);
  }
  const words = escapeXml(text);
  return look === '' ? words : `<tspan class="${look}">${words}</tspan>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
