/**
 * What an index is called on the server: in a space "<space>.<name>". Neither name can hold a dot, so no index of one space can
 * have the alias of an index in another, or of one without a space.
 */
export function aliasOf(space: string | undefined, name: string): string {
	return space === undefined ? name : `${space}.${name}`;
}

/** The name of an index of this space by its alias; undefined for what belongs to another. */
export function nameIn(space: string | undefined, alias: string): string | undefined {
	const dot = alias.lastIndexOf('.');
	const owner = dot < 0 ? undefined : alias.slice(0, dot);
	return owner === space ? alias.slice(dot + 1) : undefined;
}

/** The name without its space, for messages. */
export const shownName = (alias: string): string => alias.slice(alias.lastIndexOf('.') + 1);
