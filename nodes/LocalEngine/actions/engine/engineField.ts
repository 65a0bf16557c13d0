import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { InputError } from '../../../shared/runtime/errors';
import { engineNames } from '../../../shared/runtime/engines';

/** Which engine of the credential an operation is about. */
export const engineField: INodeProperties = {
	displayName: 'Engine Name or ID',
	name: 'engine',
	type: 'options',
	typeOptions: { loadOptionsMethod: 'loadEngines' },
	default: '',
	description:
		'The engine of the credential to work with; empty means the first. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

export const modelNameField: INodeProperties = {
	displayName: 'Model Name',
	name: 'modelName',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'qwen3:8b',
	description: 'The model as the engine calls it',
};

/** Name of the chosen engine. @throws InputError without a credential or for a name it does not have */
export async function engineOf(context: IExecuteFunctions, itemIndex: number): Promise<string> {
	const names = await engineNames(context, itemIndex);
	const chosen = context.getNodeParameter('engine', itemIndex, '') as string;
	const engine = chosen === '' ? names[0] : names.find((name) => name === chosen);
	if (engine !== undefined) return engine;
	throw new InputError(
		names.length === 0
			? 'This needs an engine. Choose a Local Engine API credential in this node.'
			: `The credential has no engine "${chosen}". It has: ${names.join(', ')}.`,
	);
}

export function modelNameOf(context: IExecuteFunctions, itemIndex: number): string {
	const name = (context.getNodeParameter('modelName', itemIndex) as string).trim();
	if (name === '') throw new InputError('The model name is empty. Write it as the engine calls the model.');
	return name;
}
