import type { INodeProperties } from 'n8n-workflow';

/** What n8n's editor puts before a $fromAI that it wrote itself; older versions of n8n-workflow do not export it. */
const FROM_MODEL = '/*n8n-auto-generated-fromAI-override*/';

type ModelField = Pick<INodeProperties, 'displayName' | 'name' | 'typeOptions'> & {
	/** What the model calls it. */
	readonly key: string;
	/** What the model is told, in one sentence without quotes or brackets. */
	readonly description: string;
};

/**
 * A field of a tool that the model fills. Its default is what n8n's editor writes when one chooses "let the model define this", so that it
 * is shown that way and can be replaced by a value.
 */
export const fromModel = ({ key, ...field }: ModelField): INodeProperties => ({
	type: 'string',
	required: true,
	...field,
	default: `={{ ${FROM_MODEL} $fromAI('${key}', \`${field.description}\`, 'string') }}`,
});

/** A choice that an operation has and its tool does not: the tool always runs with this value. */
export const fixed = (name: string, value: string | boolean): INodeProperties => ({
	displayName: name,
	name,
	type: 'hidden',
	default: value,
});
