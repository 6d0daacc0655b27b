// The pages of --help, by yargs, from the declarations in src/commands/.
import yargs from 'yargs';

/**
 * All pages by the path of their command: `config create`; '' for the general page.
 * @param source what src/commands/ exports: COMMANDS, GLOBAL_OPTIONS, HELP_OPTIONS
 */
export async function helpPages(source) {
  const pages = {};
  for (const { path, examples } of listPages(source.COMMANDS)) {
    await createParser(source).parseAsync([...path, '--help'], {}, (_error, _args, output) => {
      pages[path.join(' ')] = `${output}\n${examplesText(examples)}`;
    });
  }
  return pages;
}

/** Not by yargs, which would break the command lines in two. */
function examplesText(examples = []) {
  const lines = examples.map(([line, what]) => `  # ${what}\n  ${line}\n`);
  return lines.length === 0 ? '' : `\nExamples:\n${lines.join('')}`;
}

function listPages(commands) {
  const below = commands.flatMap((entry) => {
    const inside = entry.children ? listPages(entry.children) : [{ ...entry, path: [] }];
    return inside.map((page) => ({ ...page, path: [entry.name, ...page.path] }));
  });
  return [{ path: [] }, ...below];
}

function createParser({ COMMANDS, GLOBAL_OPTIONS, HELP_OPTIONS }) {
  const groupGlobals = (parser) =>
    parser.group(Object.keys({ ...GLOBAL_OPTIONS, ...HELP_OPTIONS }), 'Every command:');
  const parser = yargs()
    .scriptName('tokencli')
    .locale('en')
    .updateStrings({ 'Show help': 'show help', 'Show version number': 'show version number' })
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .demandCommand(1)
    .options(optionsFor(GLOBAL_OPTIONS))
    .wrap(80)
    .epilogue('Begin with: tokencli config create\nExit codes: tokencli help exit-codes');
  for (const entry of COMMANDS) addEntry(parser, entry, groupGlobals);
  return groupGlobals(parser);
}

function addEntry(parser, entry, groupGlobals) {
  if (entry.children) {
    parser.command(entry.name, entry.describe, (group) => {
      for (const child of entry.children) addEntry(group, child, groupGlobals);
    });
    return;
  }
  const places = Object.entries(entry.positionals ?? {});
  const usage = places.map(([name, { required }]) => (required ? `<${name}>` : `[${name}]`));
  parser.command([entry.name, ...usage].join(' '), entry.describe, (command) => {
    for (const [name, place] of places) {
      command.positional(name, { ...optionFor(place), type: 'string' });
    }
    if (entry.program) {
      command.usage(`$0 ${entry.name} [OPTION…] -- PROGRAM [ARG…]\n\n${entry.describe}`);
    }
    const own = command.options(optionsFor(entry.options));
    return groupGlobals(own.group(Object.keys(entry.options), 'Options:'));
  });
}

function optionsFor(table) {
  return Object.fromEntries(Object.entries(table).map(([name, each]) => [name, optionFor(each)]));
}

function optionFor({ type, describe, alias, choices, words, required }) {
  return {
    ...{ type, describe, requiresArg: type !== 'boolean', string: type === 'array' },
    ...(alias !== undefined && { alias }),
    ...(choices && { choices }),
    ...(words !== undefined && { nargs: words }),
    ...(required && { demandOption: true }),
  };
}
