import type { INodeProperties } from 'n8n-workflow';

/** What is chosen in a field, in the words of its list, for the line below the node's name. */
export function chosenIn({ name, options = [] }: INodeProperties): string {
	const names = options.flatMap((option) =>
		'value' in option ? [[String(option.value), option.name] as const] : [],
	);
	return `(${JSON.stringify(Object.fromEntries(names))})[$parameter[${JSON.stringify(name)}]]`;
}
