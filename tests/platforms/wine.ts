import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WINE = '/usr/lib/wine/wine64';
const SERVER = '/usr/lib/wine/wineserver64';
/** Seconds that it stays after the last program has ended. */
const STAY = 300;

/** A Windows of its own in a folder. Both programs want Windows 10. */
export function openWine(prefix: string) {
  const env = {
    WINEPREFIX: prefix,
    WINELOADER: WINE,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
  };
  const all = { PATH: process.env['PATH'], HOME: prefix, LANG: 'C.UTF-8', ...env };
  const run = (...args: string[]) => {
    const { status } = spawnSync(WINE, args, { env: all, stdio: 'ignore' });
    if (status !== 0) throw new Error(`wine ${args.join(' ')} ended with ${status}`);
  };
  mkdirSync(prefix, { recursive: true });
  // else services start with a test's program, and complain on its stderr; one that stays is no failure
  spawnSync(SERVER, [`-p${STAY}`], { env: all, stdio: 'ignore' });
  const library = join(prefix, 'drive_c', 'windows', 'system32', 'bcryptprimitives.dll');
  if (!existsSync(library)) {
    run('wineboot', '-i');
    run('reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f');
    // Wine 8 lacks it; Bun and the keyring's module take their random bytes from it
    const forwarder = ['ProcessPrng', 'advapi32.SystemFunction036'] as const;
    writeFileSync(library, forwardingLibrary('bcryptprimitives.dll', ...forwarder));
  }
  run('cmd', '/c', 'ver');
  return { env, words: [WINE], path: (file: string) => `Z:${file.replaceAll('/', '\\')}` };
}

/**
 * A DLL for x64 with one exported function, which is another library's: headers, and one section with
 * nothing but the table of exports (the PE format, learn.microsoft.com/windows/win32/debug/pe-format).
 */
function forwardingLibrary(name: string, exported: string, target: string): Buffer {
  const file = Buffer.alloc(1024);
  let at = 0;
  const u16 = (...values: number[]) => {
    for (const value of values) at = file.writeUInt16LE(value, at);
  };
  const u32 = (...values: number[]) => {
    for (const value of values) at = file.writeUInt32LE(value, at);
  };
  file.write('MZ');
  file.writeUInt32LE(64, 60);
  file.write('PE', 64);
  at = 68;
  // x64, one section, size of the optional header, an executable DLL
  u16(0x8664, 1);
  u32(0, 0, 0);
  u16(240, 0x2022);
  // PE32+, size of data, image base 0x180000000, alignment in memory and in the file
  u16(0x20b, 0);
  u32(0, 512, 0, 0, 0x1000, 0x80000000, 1, 0x1000, 512);
  // versions, size of image and headers, console
  u16(6, 0, 0, 0, 6, 0);
  u32(0, 0x2000, 512, 0);
  u16(3, 0x100);
  // stack, heap, 16 data directories, of which the first is the table of exports
  u32(0x100000, 0, 0x1000, 0, 0x100000, 0, 0x1000, 0, 0, 16, 0x1000, 200);
  at += 15 * 8;
  file.write('.rdata', at);
  at += 8;
  u32(512, 0x1000, 512, 512, 0, 0, 0, 0x40000040);
  at = 512;
  // the table: name, first ordinal, counts; addresses of functions, of names and of ordinals
  u32(0, 0, 0, 0x1040, 1, 1, 1, 0x1028, 0x102c, 0x1030);
  u32(0x1080, 0x1060);
  file.write(name, 512 + 0x40);
  file.write(exported, 512 + 0x60);
  file.write(target, 512 + 0x80);
  return file;
}
