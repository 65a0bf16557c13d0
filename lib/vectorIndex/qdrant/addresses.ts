import { IndexError } from '../errors';
import type { IndexPlace } from '../types';

const MAX_ADDRESSES = 100;

/** The addresses of a server's nodes; the first is asked first, and one that fails goes to the end. */
export class Addresses {
	private order: readonly URL[];

	/** @param text one address, or those of a cluster's nodes, separated by commas or blanks. @throws IndexError `invalidSettings` */
	constructor(text: string) {
		// What a credential holds is not checked by n8n.
		const given = String(text ?? '')
			.split(/[\s,]+/)
			.filter((each) => each !== '');
		if (given.length === 0 || given.length > MAX_ADDRESSES || !given.every(isAddress))
			throw new IndexError(
				'invalidSettings',
				'The address of the Qdrant server must be a URL beginning with http:// or https://. Separate the addresses of several nodes with commas.',
			);
		this.order = [...new Set(given)].map((each) => new URL(each));
	}

	get count(): number {
		return this.order.length;
	}

	/** In the order in which they are to be asked. */
	list(): readonly URL[] {
		return this.order;
	}

	/** Others are asked before this one from now on. */
	postpone(failed: URL): void {
		if (!this.order.includes(failed)) return;
		this.order = [...this.order.filter((each) => each !== failed), failed];
	}
}

/** The servers that an index can be reached at, without passwords; none for one on this machine. @throws IndexError `invalidSettings` */
export function serversOf(place: IndexPlace): string[] {
	if (place.backend !== 'qdrant') return [];
	return new Addresses(place.url).list().map(({ origin }) => origin);
}

const isAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
