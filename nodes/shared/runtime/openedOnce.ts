import { sha256 } from '../../../lib/support';
import { InputError } from './errors';

/** Databases of one kind open at once: each has a thread or connections of its own, and an expression can name any number. */
const MAX_OPEN = 64;

/**
 * Opens each database once in a process, so that all executions share its thread or connections.
 *
 * @param what its name in the plural, for the sentence when there are too many
 */
export function openedOnce<Address extends object, Store>(
	open: (address: Address) => Promise<Store>,
	what: string,
): (address: Address) => Promise<Store> {
	const stores = new Map<string, Promise<Store>>();
	return async (address) => {
		// Hashed: an address may hold a password.
		const key = sha256(JSON.stringify(address));
		const known = stores.get(key);
		if (known !== undefined) return await known;
		if (stores.size >= MAX_OPEN) {
			throw new InputError(
				`${MAX_OPEN} ${what} are open, which is all one process can hold. Use fewer: each can hold several tenants or topics.`,
			);
		}
		const opening = open(address);
		stores.set(key, opening);
		// One that could not be opened is tried again next time.
		opening.catch(() => stores.delete(key));
		return await opening;
	};
}
