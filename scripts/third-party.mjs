// The licences of the packages whose code is inside the bundle: they ask to travel with it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** @param inputs the input paths of esbuild's metafile */
export async function thirdPartyLicenses(inputs) {
  const folders = new Set(inputs.map((path) => PACKAGE.exec(path)?.[1]).filter(Boolean));
  const notices = await Promise.all([...folders].map(noticeOf));
  return notices.sort().join(`\n${'-'.repeat(78)}\n\n`);
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(join(folder, file), 'utf8') : `License: ${license}\n`;
  return `${name} ${version}\n\n${text.trim()}\n`;
}
