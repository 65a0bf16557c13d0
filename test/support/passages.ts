/** A passage as *Search* and the vector store hand it to a model that called them as a tool. */
export interface ToolPassage {
	readonly number: number;
	readonly source: string;
	readonly text: string;
}

/** The passages of a tool's answer, however often an agent has put that answer into JSON. */
export function passagesIn(content: unknown): ToolPassage[] {
	let value = content;
	if (typeof value === 'string') {
		try {
			value = JSON.parse(value);
		} catch {
			return [];
		}
	}
	if (Array.isArray(value)) return value.flatMap(passagesIn);
	if (typeof value !== 'object' || value === null) return [];
	if ('passages' in value && Array.isArray(value.passages)) return value.passages as ToolPassage[];
	return Object.values(value).flatMap(passagesIn);
}
