import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as vectorModule from 'cctv-age';
import { createAgeFiles } from '../../../src/adapters/age/age.ts';
import { openProgram } from '../../support/terminal.ts';

const vectors: Record<string, Uint8Array> = { ...vectorModule };
const PASSPHRASE = 'correct horse battery staple';
const CONTENT = Buffer.from(JSON.stringify({ words: 'x'.repeat(1850) }));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-age-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const calm = { interrupted: new AbortController().signal };
const seal = (workFactor: number, armor = false) =>
  createAgeFiles(calm, workFactor).encrypt(CONTENT, PASSPHRASE, armor);
const open = (file: Uint8Array, passphrase = PASSPHRASE) =>
  createAgeFiles(calm).decrypt(file, passphrase);

/** The published vectors: lines of headers, an empty line, the file (C2SP CCTV, age). */
function readVector(name: string) {
  const bytes = Buffer.from(vectors[name] ?? []);
  const end = bytes.indexOf('\n\n');
  const header = bytes.toString('latin1', 0, end);
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(header)?.[1];
  return { field, file: bytes.subarray(end + 2) };
}

const scryptVectors = Object.keys(vectors).filter((name) => readVector(name).field('passphrase'));

describe('the published vectors for a passphrase', () => {
  it('are all here', () => expect(scryptVectors.length).toBe(26));

  it.each(scryptVectors)('%s', async (name) => {
    const { field, file } = readVector(name);
    const opened = await open(file, field('passphrase'));
    const digest = opened && createHash('sha256').update(opened).digest('hex');
    expect(digest).toBe(field('expect') === 'success' ? field('payload') : undefined);
  });
});

describe('a file', () => {
  it.each([false, true])('comes back as it was (armor: %s)', async (armor) => {
    const file = await seal(2, armor);
    expect(Buffer.from(file).toString('latin1')).toMatch(armor ? /^-----BEGIN AGE/ : /^age-enc/);
    expect(Buffer.from((await open(file)) ?? [])).toEqual(CONTENT);
    expect(await open(file, `${PASSPHRASE} `)).toBeUndefined();
  });

  it('does not open when any byte of it is another', async () => {
    const file = Buffer.from(await seal(2));
    const accepted: number[] = [];
    for (let index = 0; index < file.length; index += 1) {
      const changed = Buffer.from(file);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      if (await open(changed)) accepted.push(index);
    }
    expect([file.length > 2000, accepted]).toEqual([true, []]);
  });

  it('does not open when it is cut or continued', async () => {
    const file = Buffer.from(await seal(2));
    for (const length of [0, 1, 21, 22, 100, 150, 200, file.length - 1]) {
      expect(await open(file.subarray(0, length))).toBeUndefined();
    }
    expect(await open(Buffer.concat([file, Buffer.from('x')]))).toBeUndefined();
    expect(await open(Buffer.concat([file, file]))).toBeUndefined();
  });

  it('spends no memory for a work factor above 20', async () => {
    const file = Buffer.from(await seal(2)).toString('latin1');
    const before = process.resourceUsage().maxRSS;
    for (const factor of ['21', '22', '30', '64', '999999999']) {
      const costly = file.replace(/(-> scrypt \S+) 2\n/, `$1 ${factor}\n`);
      expect(costly).not.toBe(file);
      expect(await open(Buffer.from(costly, 'latin1'))).toBeUndefined();
    }
    const mebibytes = (process.resourceUsage().maxRSS - before) / 1024;
    expect(mebibytes).toBeLessThan(512); // 2^21 would take 2 GiB
  });
});

describe('at its full cost', () => {
  const age = (interrupted = calm.interrupted) => createAgeFiles({ interrupted });

  it('takes the work factor of the age command, and refuses at it', async () => {
    const file = Buffer.from(await age().encrypt(CONTENT, PASSPHRASE, false));
    expect(file.toString('latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/);
    expect(Buffer.from((await age().decrypt(file, PASSPHRASE)) ?? [])).toEqual(CONTENT);
    file[file.length - 1] = (file.at(-1) ?? 0) ^ 0x80;
    expect(await age().decrypt(file, PASSPHRASE)).toBeUndefined();
  });

  it('stops at once when it is interrupted', async () => {
    const controller = new AbortController();
    const work = age(controller.signal).encrypt(CONTENT, PASSPHRASE, false);
    controller.abort(new Error('stop'));
    await expect(work).rejects.toThrow('stop');
    await expect(age(controller.signal).decrypt(CONTENT, 'x')).rejects.toThrow('stop');
  });
});

describe('the age command of others', () => {
  it('opens our file, in both forms', async () => {
    for (const armor of [false, true]) {
      const file = join(folder, `ours-${armor}.age`);
      const opened = join(folder, `opened-${armor}`);
      writeFileSync(file, await seal(10, armor));
      const terminal = openProgram(['age', '-d', '-o', opened, file]);
      await terminal.waitFor('Enter passphrase');
      terminal.type(`${PASSPHRASE}\r`);
      expect((await terminal.ended()).code).toBe(0);
      await terminal.close();
      expect(readFileSync(opened)).toEqual(CONTENT);
    }
  });

  it('makes files that we open', async () => {
    const plain = join(folder, 'plain');
    const file = join(folder, 'theirs.age');
    writeFileSync(plain, CONTENT);
    const terminal = openProgram(['age', '-p', '-a', '-o', file, plain]);
    await terminal.waitFor('Enter passphrase');
    terminal.type(`${PASSPHRASE}\r`);
    await terminal.waitFor('Confirm passphrase');
    terminal.type(`${PASSPHRASE}\r`);
    expect((await terminal.ended()).code).toBe(0);
    await terminal.close();
    expect(Buffer.from((await open(readFileSync(file))) ?? [])).toEqual(CONTENT);
  });
});
