import path from 'node:path';
import { identityOf, sha256, untilStopped } from '../../../lib/support';
import type { DatabaseAddress } from '../../../lib/support/database';
import { InputError } from './errors';

/**
 * Databases of one kind and owner (a folder, a space on a server) open at once: each has a thread or connections of its own, and an
 * expression can name any number. Nobody uses up those of another space.
 */
const MAX_OPEN = 64;

type Address = DatabaseAddress & { readonly space?: string };

interface Opened<Store> {
	readonly opening: Promise<Store>;
	readonly owner: string;
	file?: string;
}

/**
 * Opens each database once in a process, so that all executions share its thread or connections. A file that was replaced under
 * its name (its space was dropped and made anew, a backup was restored) is opened again.
 *
 * @param what its name in the plural, for the sentence when there are too many
 */
export function openedOnce<At extends Address, Store extends { close(): Promise<void> }>(
	open: (address: At) => Promise<Store>,
	what: string,
): (address: At) => Promise<Store> {
	const stores = new Map<string, Opened<Store>>();

	async function add(key: string, address: At): Promise<Store> {
		const owner = ownerOf(address);
		if ([...stores.values()].filter((each) => each.owner === owner).length >= MAX_OPEN) {
			throw new InputError(
				`${MAX_OPEN} ${what} are open, which is all one process holds for a space. Use fewer: each can hold several tenants or topics.`,
			);
		}
		const entry: Opened<Store> = {
			owner,
			opening: open(address).then((store) => {
				entry.file = fileOf(address);
				return store;
			}),
		};
		stores.set(key, entry);
		// One that could not be opened is tried again next time.
		entry.opening.catch(() => stores.delete(key));
		return await untilStopped(entry.opening);
	}

	return async (address) => {
		// Hashed: an address may hold a password.
		const key = sha256(JSON.stringify(address));
		const known = stores.get(key);
		if (!known) return await add(key, address);
		const store = await untilStopped(known.opening);
		if (known.file === fileOf(address)) return store;
		// Of several who notice, the first opens it again.
		if (stores.get(key) !== known) return await (stores.get(key)?.opening ?? add(key, address));
		stores.delete(key);
		const again = add(key, address);
		await store.close();
		return await again;
	};
}

const ownerOf = (address: Address): string =>
	address.backend === 'sqlite'
		? path.dirname(address.file)
		: `${address.host}:${address.port}/${address.database} ${address.space}`;

/** Which file it is: undefined for a server, and where there is none. */
const fileOf = (address: Address): string | undefined =>
	address.backend === 'sqlite' ? identityOf(address.file) : undefined;
