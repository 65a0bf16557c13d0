import { EngineError } from './errors';
import { parseBaseUrl } from './transport/url';
import type { EngineAddress } from './types/address';

/**
 * The addresses, each with a name of its own: the given one, else host, port and path of the base URL, numbered where an
 * address is used more than once (two models of one Ollama).
 *
 * @throws EngineError `invalidRequest` where two were given the same name, or a base URL is none
 */
export function withNames(
	addresses: readonly EngineAddress[],
): (EngineAddress & { readonly name: string })[] {
	const taken = new Set<string>();
	for (const { name } of addresses) {
		if (name === undefined) continue;
		if (taken.has(name))
			throw new EngineError('invalidRequest', `Two engines are called "${name}". Give them different names.`);
		taken.add(name);
	}
	return addresses.map((address) => {
		if (address.name !== undefined) return { ...address, name: address.name };
		const { origin, prefix } = parseBaseUrl(address.baseUrl);
		const place = `${new URL(origin).host}${prefix}`;
		let name = place;
		for (let number = 2; taken.has(name); number++) name = `${place} (${number})`;
		taken.add(name);
		return { ...address, name };
	});
}
