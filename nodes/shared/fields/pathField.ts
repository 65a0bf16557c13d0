import type { INodeProperties } from 'n8n-workflow';

type Described = Pick<INodeProperties, 'displayName' | 'name' | 'description'> &
	Partial<Pick<INodeProperties, 'default' | 'required' | 'placeholder' | 'displayOptions'>>;

/**
 * A field that names a field of the item. Dragging a field of the input into it enters its name; an expression gives the value
 * itself (NodeItem.pointed reads it).
 */
export const pathField = (described: Described): INodeProperties => ({
	type: 'string',
	requiresDataPath: 'single',
	default: '',
	...described,
});

/** The text an operation works on. */
export const textField: INodeProperties = pathField({
	displayName: 'Text Field',
	name: 'textField',
	required: true,
	default: 'text',
	description:
		'Name of the field that holds the text, such as text or body.text, or an expression that returns the text, for example from several fields',
});

/** The question an operation answers or searches for. */
export const questionField: INodeProperties = pathField({
	displayName: 'Question Field',
	name: 'questionField',
	required: true,
	default: 'question',
	description:
		'Name of the field that holds the question, such as question or body.question, or an expression that returns the question. With the default (question), the message of a Chat Trigger (chatInput) is used, too.',
});

/** Passages that a search found. */
export const passagesField = (described: Partial<Described> = {}): INodeProperties =>
	pathField({
		displayName: 'Passages Field',
		name: 'passagesField',
		required: true,
		default: 'hits',
		description:
			'Name of the field that holds the passages that a search found, best first. Each has "text" and "source", as Vector Index → Search returns them.',
		...described,
	});
