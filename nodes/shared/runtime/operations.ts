import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodePropertyOptions,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { inAlphabet } from '../fields/alphabet';
import { withErrorItems } from './errors';
import { Run } from './run';
import { AS_TOOL, descriptionField, runsAsTool, type ToolForm } from './toolForm';

/** One operation: its entry in the drop-down, its fields and what it does. One file each. */
export interface Operation {
	readonly option: INodePropertyOptions & { readonly value: string };
	/** Fields without displayOptions for resource and operation: those are added here. */
	readonly fields: readonly INodeProperties[];
	execute(run: Run): Promise<INodeExecutionData[][]>;
	/** How it serves an agent; an operation that has no use there is not offered as a tool. */
	readonly tool?: ToolForm;
}

export interface Resource {
	readonly option: INodePropertyOptions & { readonly value: string };
	readonly operations: readonly Operation[];
}

/**
 * The Resource and Operation drop-downs and every operation's fields, each shown only where it applies. Lists come in the order of
 * the alphabet; the default is the one that was named first. As a tool the node has operations and fields of its own: those that a
 * model can use. The list of resources is one for both, because n8n's panel shows the actions of each list that it finds.
 */
export function propertiesOf(resources: readonly Resource[]): INodeProperties[] {
	const forTools = toolResources(resources);
	if (forTools.length === 0) return formOf(resources);
	const offered = new Set(forTools.map(({ option }) => option.value));
	return [
		resourceField(resources, ({ value }) => offered.has(value)),
		...operationFields(resources).map((field) => withCondition(field, 'hide')),
		...operationFields(forTools).map((field) => withCondition(field, 'show')),
	];
}

function withCondition(field: INodeProperties, when: 'show' | 'hide'): INodeProperties {
	const { displayOptions } = field;
	return {
		...field,
		displayOptions: { ...displayOptions, [when]: { ...displayOptions?.[when], ...AS_TOOL } },
	};
}

/** What most people need stands first; n8n's panel of actions shows them in this order. */
const firstThenAlphabet = ([first, ...others]: ReadonlyArray<
	Pick<Operation, 'option'>
>): INodePropertyOptions[] =>
	first ? [first.option, ...inAlphabet(others.map(({ option }) => option))] : [];

/** The operation in words, for the line below the node's name; n8n evaluates this text where it knows nothing of our code. */
export function subtitleOf(resources: readonly Resource[]): string {
	const names = resources.flatMap(({ option, operations }) =>
		operations.map((operation) => [`${option.value}.${operation.option.value}`, operation.option.name]),
	);
	return `={{ (${JSON.stringify(Object.fromEntries(names))})[$parameter["resource"] + "." + $parameter["operation"]] }}`;
}

function formOf(resources: readonly Resource[]): INodeProperties[] {
	return [resourceField(resources), ...operationFields(resources)];
}

/** @param inTool which of the resources a tool offers; all where it is not given */
function resourceField(
	resources: readonly Resource[],
	inTool: (option: Resource['option']) => boolean = () => true,
): INodeProperties {
	const first = resources[0]?.option.value ?? '';
	const options = resources.map(({ option }) => ({
		option: inTool(option) ? option : { ...option, displayOptions: { hide: AS_TOOL } },
	}));
	return {
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		default: first,
		options: firstThenAlphabet(options),
	};
}

function operationFields(resources: readonly Resource[]): INodeProperties[] {
	const properties: INodeProperties[] = [];
	for (const { option, operations } of resources) {
		const firstOperation = operations[0]?.option.value ?? '';
		properties.push({
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [option.value] } },
			default: firstOperation,
			options: firstThenAlphabet(operations),
		});
		for (const operation of operations) {
			properties.push(
				...operation.fields.map((field) => shownFor(field, option.value, operation.option.value)),
			);
		}
	}
	return properties;
}

/** The resources with the operations that a model can use, each with the form of its tool. */
function toolResources(resources: readonly Resource[]): Resource[] {
	return resources
		.map(({ option, operations }) => ({
			option,
			operations: operations.flatMap(({ tool, ...operation }) =>
				tool ? [{ ...operation, fields: [descriptionField(tool), ...tool.fields] }] : [],
			),
		}))
		.filter(({ operations }) => operations.length > 0);
}

function shownFor(field: INodeProperties, resource: string, operation: string): INodeProperties {
	const show = { resource: [resource], operation: [operation], ...field.displayOptions?.show };
	const displayOptions = { ...field.displayOptions, show };
	return { ...field, displayOptions };
}

/** Runs the operation the node is set to. */
export async function route(
	context: IExecuteFunctions,
	resources: readonly Resource[],
): Promise<INodeExecutionData[][]> {
	return await withErrorItems(context, async () => await run(context, resources));
}

async function run(
	context: IExecuteFunctions,
	resources: readonly Resource[],
): Promise<INodeExecutionData[][]> {
	const resource = context.getNodeParameter('resource', 0);
	const operation = context.getNodeParameter('operation', 0);
	const chosen = resources
		.find(({ option }) => option.value === resource)
		?.operations.find(({ option }) => option.value === operation);
	if (!chosen) {
		throw new NodeOperationError(
			context.getNode(),
			`This version of the node has no operation "${String(operation)}" for "${String(resource)}". Choose one from the list.`,
		);
	}
	if (!runsAsTool(context.getNode())) return await chosen.execute(new Run(context, chosen.fields));
	const { tool } = chosen;
	if (!tool) {
		throw new NodeOperationError(
			context.getNode(),
			`"${chosen.option.name}" cannot be used as a tool. Choose another operation.`,
		);
	}
	return await chosen.execute(new Run(context, tool.fields, tool));
}
