import { rmSync } from 'node:fs';
import { chmod, folder, link, onFile, type Place, swapCase, type Work } from './change.ts';

/** What a hand, another program or a failing disk makes of profiles.json. */
export const PROFILE_CHANGES = {
  'profiles.json was written again': edited(() => {}),
  'a note in the profile': edited((place) => change(place, { note: 'é\u2028\u{1f511}' })),
  'another client': edited((place) => change(place, { clientId: 'another-client' })),
  'another scope': edited((place) =>
    change(place, { scopes: ['https://vault.azure.net/.default'] }),
  ),
  'a login hint': edited((place) => change(place, { loginHint: 'else@contoso.example' })),
  'another flow': edited((place) => change(place, { flow: 'ClientCredentials' })),
  'its fields in another order': edited((place) => {
    const entries = Object.entries(find(place)).reverse();
    replace(place, [Object.fromEntries(entries)]);
  }),
  'its name in other letters': edited((place) => change(place, { name: swapCase(place.profile) })),
  'another name': edited((place) => change(place, { name: 'renamed' })),
  'no such profile': edited((place) => replace(place, [])),
  'only this profile': edited((place) => {
    place.draft.file.profiles = [find(place)];
  }),
  'a twin': edited((place) => {
    place.draft.foreign = true;
    const twin = { ...find(place), name: place.at % 2 ? place.profile : swapCase(place.profile) };
    place.draft.file.profiles.push(twin);
  }),
  'a broken neighbour': edited(({ draft, at }) => {
    const broken = [{ name: 7 }, {}, { name: 'x', clientId: 5 }, { name: 'x', clientId: '\u0007' }];
    draft.file.profiles.push(broken[at % broken.length] ?? {});
  }),
  'a neighbour that is no object': edited(({ draft, at }) => {
    const odd = [null, 'app', 7, [], true];
    draft.file.profiles.unshift(odd[at % odd.length] as never);
  }),
  'a default': edited(({ draft, profile }) => {
    draft.file['default'] = profile;
  }),
  'a default in other letters': edited(({ draft, profile }) => {
    draft.file['default'] = swapCase(profile);
  }),
  'a default that is not there': edited(({ draft, at }) => {
    draft.file['default'] = ['none', '', '__proto__'][at % 3];
  }),
  'a wrong head': edited(({ draft, at }) => {
    const heads = [
      ...[{ default: 5 }, { store: 'cloud' }, { schemaVersion: 2 }, { schemaVersion: '1' }],
      ...[{ $schema: 7 }, { default: null }, { store: null }, { profiles: {} }, { profiles: null }],
    ];
    draft.foreign = true;
    Object.assign(draft.head, heads[at % heads.length]);
  }),
  'another field in the head': edited(({ draft, at }) => {
    Object.assign(draft.file, [{ note: 'x' }, { $schema: 'x' }, { Store: 'file' }][at % 3]);
  }),
  'another store is chosen': edited(({ draft, at }) => {
    draft.file['store'] = at % 3 ? 'file' : 'keyring';
  }),
  'the store was chosen before': ({ draft }) => {
    draft.file['store'] = 'file';
    for (const { records } of draft.caches) {
      for (const { content } of records) {
        if ('profilesFile' in content) content['configuredStore'] = 'file';
      }
    }
  },
  'profiles.json in another spelling': edited(({ draft, at }) => {
    const text = JSON.stringify(draft.file);
    const spellings = [
      ...[text, JSON.stringify(draft.file, null, 8), `\ufeff${text}`, `\n\t ${text}\r\n`],
      ...[
        `${text}\0`,
        `${text},`,
        text.slice(0, -1),
        '',
        ' ',
        'null',
        '[]',
        '{',
        '{}',
        `"${text}"`,
      ],
      text.replace('{', '{"profiles":[],'),
      text.replace('"clientId":', '"clientId":"first","clientId":'),
      text.replace('"name":', '"__proto__":{"name":"app"},"name":'),
      text.replace('client"', 'client\udc00"'),
      text.replace(/a/g, '\\u0061'),
    ];
    draft.text = spellings[at % spellings.length] ?? '';
  }),
  'a long profiles.json': edited(({ draft }) => {
    draft.file.profiles.unshift(
      ...Array.from({ length: 300 }, (_, number) => ({ name: `p${number}`, clientId: 'c' })),
    );
  }),
  'an index of profiles.json': ({ draft }) => {
    draft.index = 'now';
  },
  'an index of an older profiles.json': ({ draft }) => {
    draft.index = 'before';
  },
  'an index for another store': ({ draft }) => {
    draft.index = 'another store';
  },
  'no profiles.json': onFile(profilesFile, (path) => rmSync(path)),
  'profiles.json is a link': onFile(profilesFile, link),
  'profiles.json is a folder': onFile(profilesFile, folder),
  'profiles.json has another mode': onFile(profilesFile, (path, at) => chmod(path, at)),
} satisfies Record<string, Work>;

function edited(work: Work): Work {
  return (place) => {
    place.draft.later = true;
    work(place);
  };
}

function find({ draft, profile }: Place): Record<string, unknown> {
  return draft.file.profiles.find((each) => each?.['name'] === profile) ?? { name: profile };
}

function replace({ draft, profile }: Place, by: Record<string, unknown>[]): void {
  draft.file.profiles = draft.file.profiles.flatMap((each) =>
    each?.['name'] === profile ? by : [each],
  );
}

function change(place: Place, fields: Record<string, unknown>): void {
  replace(place, [{ ...find(place), ...fields }]);
}

function profilesFile({ world }: Place): string {
  return world.paths.profiles;
}
