import { beforeAll, describe, expect, it } from '@jest/globals';
import { ROWS, type Row } from './commands.ts';
import { referenceMachine } from './machines.ts';
import { APPS, NAME, setPlatformStage } from './stage.ts';
import { type World, withoutChance } from './world.ts';

const stage = setPlatformStage();
let here: World;

beforeAll(async () => {
  here = stage.world(await referenceMachine());
}, 600_000);

/** What a row does in a world: all that must be alike. */
async function perform(row: Row, world: World) {
  const { tenant, origin } = stage.idp;
  const facts = { tenant, origin, apps: APPS, certificate: world.read('good.pem') };
  const before = stage.idp.tokenRequests().length;
  const options = { input: row.input, env: row.env?.(world.at, facts) };
  const { code, out, err } = await world.run(row.args(world.at, facts), options);
  const plain = (text: string) => withoutChance(text, world);
  return {
    code,
    requests: stage.idp.tokenRequests().length - before,
    out: row.view && code === 0 ? row.view(out) : plain(out),
    err: plain(err),
    ...(row.writes && { writes: plain(world.read(row.writes)) }),
  };
}

describe(`${NAME}, word for word as the executable for Linux x64`, () => {
  it.each(ROWS)('$name', async (row) => {
    const expected = await perform(row, here);
    expect(expected).toMatchObject({ code: row.code ?? 0, requests: row.requests ?? 0 });
    expect(await perform(row, stage.there)).toEqual(expected);
  });
});
