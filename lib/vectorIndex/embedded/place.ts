import type { Egress } from '../../support';

/** Where a group of embedded indexes lives. */
export interface Place {
	/** A folder, or the URL of an object store. */
	readonly directory: string;
	readonly storageOptions?: Readonly<Record<string, string>>;
	/** Asked before an object store is opened. */
	readonly egress?: Egress;
}

export function placeKey({ directory, storageOptions = {} }: Place): string {
	return JSON.stringify([directory, Object.entries(storageOptions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

export function isUrl(directory: string): boolean {
	return /^[a-z][a-z0-9+.-]+:\/\//i.test(directory);
}
