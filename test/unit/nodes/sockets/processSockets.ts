// What the operating system says about the TCP connections of this process and its children (Linux).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Connection {
	readonly localPort: number;
	readonly remotePort: number;
}

const LISTENING = '0A';

/** The connections of this process and of all that it started, whichever program or library opened them. */
export function connectionsOfProcess(): Connection[] {
	const owned = new Set(processes().flatMap(socketsOf));
	return ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((table) =>
		readFileSync(table, 'utf8')
			.split('\n')
			.slice(1)
			.map((line) => line.trim().split(/\s+/))
			.filter(([, , , state, , , , , , inode = '']) => state !== LISTENING && owned.has(inode))
			.map(([, local = '', remote = '']) => ({ localPort: portOf(local), remotePort: portOf(remote) })),
	);
}

const portOf = (address: string): number => parseInt(address.split(':')[1] ?? '', 16);

function processes(): string[] {
	const parents = new Map<string, string>();
	for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		const stat = readOrNothing(() => readFileSync(`/proc/${id}/stat`, 'utf8'));
		// The name of the program is in parentheses and may hold blanks.
		parents.set(id, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '');
	}
	const found = [String(process.pid)];
	for (const parent of found) for (const [id, of] of parents) if (of === parent) found.push(id);
	return found;
}

function socketsOf(id: string): string[] {
	const folder = `/proc/${id}/fd`;
	const names = readOrNothing(() => readdirSync(folder).join(' ')).split(' ');
	return names.flatMap(
		(name) => /^socket:\[(\d+)\]$/.exec(readOrNothing(() => readlinkSync(`${folder}/${name}`)))?.[1] ?? [],
	);
}

/** A process or a file of it may end while it is looked at. */
function readOrNothing(read: () => string): string {
	try {
		return read();
	} catch {
		return '';
	}
}
