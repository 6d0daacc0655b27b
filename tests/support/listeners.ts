import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTEN = '0A';
/** As the kernel writes them, on a little-endian machine. */
const ADDRESSES: Readonly<Record<string, string>> = {
  '0100007F': '127.0.0.1',
  '00000000': '0.0.0.0',
  '00000000000000000000000001000000': '::1',
  '00000000000000000000000000000000': '::',
};

/**
 * @param files of a process, as `filesOf` lists them; any process of this machine without them
 * @returns the addresses on which it listens at this port
 */
export function listenersAt(port: number, files?: readonly string[]): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((table) => readFileSync(table, 'utf8').split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTEN && local.endsWith(wanted))
    .filter(([, , , , , , , , , inode]) => !files || files.includes(`socket:[${inode}]`))
    .map(([, local = '']) => ADDRESSES[local.slice(0, -wanted.length)] ?? local);
}

/** What the file descriptors of a process are. @param pid or `self` */
export function filesOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const attempt = <T>(read: () => T, otherwise: T) => {
    try {
      return read();
    } catch {
      return otherwise; // it has ended, or closed the file
    }
  };
  const names = attempt(() => readdirSync(folder), []);
  return names.map((name) => attempt(() => readlinkSync(`${folder}/${name}`), ''));
}
