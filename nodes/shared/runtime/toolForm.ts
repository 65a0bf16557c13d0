import type { IDataObject, INode, INodeProperties } from 'n8n-workflow';

/** How an operation serves an agent. */
export interface ToolForm {
	/** What the model is told: what the tool does, when to use it, what comes back. */
	readonly description: string;
	/**
	 * The form of the tool, in place of the operation's. A tool has no item to read fields of, so a field that names one is replaced by the
	 * value itself, which the model gives.
	 */
	readonly fields: readonly INodeProperties[];
	/** What of a result the model needs; everything if not given. */
	readonly answer?: (result: IDataObject) => IDataObject;
}

/** For displayOptions: what only the tool has. n8n makes the tool from the node's own fields. */
export const AS_TOOL = { '@tool': [true] };

/** What the model is told, which the user can write anew. */
export const descriptionField = ({ description }: ToolForm): INodeProperties => ({
	displayName: 'Tool Description',
	name: 'toolDescription',
	type: 'string',
	typeOptions: { rows: 3 },
	required: true,
	default: description,
	description: 'Tells the model what this tool does and when to use it. Name what can be found here.',
});

/**
 * n8n runs a tool as the node itself, under the name of the type that it made for it. Older versions of n8n do not know fields that only a
 * tool has; there it has the form of the node.
 */
export const runsAsTool = ({ type, parameters }: Pick<INode, 'type' | 'parameters'>): boolean =>
	type.endsWith('Tool') && 'toolDescription' in parameters;
