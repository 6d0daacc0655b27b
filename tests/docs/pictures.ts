import { openProgram, type Terminal } from '../support/terminal.ts';
import { createTinyTerminal } from '../support/tiny-terminal.ts';
import { COLUMNS, drawTerminal } from './draw.ts';
import { CLIENT_ID, SECRETS } from './names.ts';
import { createSteadyText } from './steady-text.ts';
import { createWorld, type World } from './world.ts';

interface Picture {
  /** Of the file below `docs/pictures/`. */
  readonly name: string;
  readonly title: string;
  /** What is typed; it stands in the first line of the picture. */
  readonly command: string;
  /** Done before, by bash. */
  readonly before?: string;
  /** The terminal shows a text, and somebody presses keys. */
  readonly answers?: readonly (readonly [shown: string, keys: string])[];
  /** Somebody opens the link that is shown, and signs in. */
  readonly signsIn?: true;
  /** It breaks lines itself, by the length of paths that the picture shows shorter. */
  readonly breaksLines?: true;
}

const screenOf = ({ breaksLines }: Picture) => ({
  whole: true,
  columns: breaksLines ? 10 * COLUMNS : COLUMNS,
});

const inDays = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const PICTURES: readonly Picture[] = [
  {
    name: 'create',
    title: 'tokencli config create asks for everything',
    command: 'tokencli config create',
    answers: [
      ['? Profile name', 'mail\r'],
      ['? Application (client) ID', `${CLIENT_ID}\r`],
      ['? Tenant ID or domain', 'contoso.onmicrosoft.com\r'],
      ['❯ Client secret', '\r'],
      ['[input is masked]', `${SECRETS[0]}\r`],
      ['❯ ClientCredentials', '\r'],
      ['? Scope', '\r'],
    ],
  },
  {
    name: 'sign-in',
    title: 'tokencli get-token opens the browser and saves the token',
    command: 'tokencli get-token -p me -o token.txt',
    before: 'tokencli config edit -p me --browser-command true',
    signsIn: true,
  },
  {
    name: 'explain',
    title: 'tokencli inspect --explain says what a token is and what it may do',
    command: 'tokencli get-token -p graph --silent | tokencli inspect --explain',
  },
  {
    name: 'check',
    title: 'tokencli config check tells what ends when',
    command: 'tokencli config check --all',
    before: `tokencli config edit -p graph --client-secret-file secret.txt --secret-expires ${inDays(12)}
      tokencli config edit -p web --client-secret-file secret.txt --secret-expires ${inDays(200)}
      tokencli cert create -p ci; tokencli config edit -p ci --drop-old`,
  },
  {
    name: 'doctor',
    title: 'tokencli doctor tells what works',
    command: 'tokencli doctor -p graph',
    breaksLines: true,
  },
  {
    name: 'error',
    title: 'A failure with its cause and the next command',
    command: 'tokencli get-token -p graph',
    before: 'echo the-id-of-the-secret | tokencli config edit -p graph --client-secret-stdin',
  },
];

/** Runs the program once for each picture. @returns the SVG files by their paths */
export async function takePictures(): Promise<ReadonlyMap<string, string>> {
  const world = await createWorld();
  try {
    const taken = new Map<string, string>();
    for (const picture of PICTURES) {
      taken.set(`docs/pictures/${picture.name}.svg`, await takePicture(world, picture));
    }
    return taken;
  } finally {
    await world.close();
  }
}

async function takePicture(world: World, picture: Picture): Promise<string> {
  const { title, command, before = ':', answers = [], signsIn } = picture;
  const home = world.home();
  const env = { ...world.env, HOME: home };
  const prepare = openProgram(['bash', '-ec', `cd; ${before}`], env);
  const prepared = await prepare.ended();
  if (prepared.code !== 0) throw new Error(`${picture.name}: ${prepare.screen()}`);
  await prepare.close();

  const steadyText = createSteadyText(home);
  const terminal = openProgram(['bash', '-c', `cd; ${command}`], env, screenOf(picture));
  for (const [shown, keys] of answers) {
    await terminal.waitFor(shown);
    terminal.type(keys);
  }
  if (signsIn) await signIn(world, terminal);
  await terminal.ended();
  const screen = createTinyTerminal(COLUMNS);
  screen.write(`\u001b[2m$\u001b[22m \u001b[1m${command}\u001b[22m\r\n`);
  screen.write(steadyText(terminal.screen()));
  await terminal.close();
  return drawTerminal(title, screen.pieces());
}

async function signIn(world: World, terminal: Terminal): Promise<void> {
  await terminal.waitFor('Redirect URI');
  const [link = ''] = /https:\S+authorize\?\S+/.exec(terminal.screen()) ?? [];
  await world.signIn(link);
}
