import type { INodeProperties } from 'n8n-workflow';

/** Entries of a list or collection in the order in which n8n shows its own: the alphabet's. */
export function inAlphabet(fields: readonly INodeProperties[]): INodeProperties[];
export function inAlphabet<Entry extends Labelled>(entries: readonly Entry[]): Entry[];
export function inAlphabet(entries: readonly Labelled[]): Labelled[] {
	const label = ({ name, displayName = name }: Labelled) => displayName;
	return [...entries].sort((a, b) => label(a).localeCompare(label(b), 'en'));
}

interface Labelled {
	readonly name: string;
	readonly displayName?: string;
}
