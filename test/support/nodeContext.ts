import type { IExecuteFunctions, INode, INodeExecutionData, NodeTypeAndVersion } from 'n8n-workflow';

export interface ContextOptions {
	/** As typed into the node; a function stands for an expression and is asked for each item. */
	readonly parameters?: { readonly [name: string]: unknown };
	readonly items?: INodeExecutionData[];
	readonly continueOnFail?: boolean;
	readonly node?: Partial<INode>;
	readonly signal?: AbortSignal;
	/** Contents of binary fields by name. */
	readonly files?: { readonly [field: string]: Buffer };
	/** The file of an item, where each has another one. */
	readonly fileOf?: (itemIndex: number) => Buffer | undefined;
	/** The file that n8n keeps under an id. */
	readonly streamOf?: (id: string) => AsyncIterable<Buffer>;
	/** A credential by its type, for an item. */
	readonly credentials?: (type: string, itemIndex: number) => object;
	/** What is connected to the node; a function is asked for each kind of connection and item. */
	readonly connected?: unknown;
	/** Nodes before and behind it in the workflow. */
	readonly before?: readonly NodeTypeAndVersion[];
	readonly behind?: readonly NodeTypeAndVersion[];
	/** Collects the hints shown on the node. */
	readonly hints?: string[];
	/** The workflow's time zone; UTC by default. */
	readonly timezone?: string;
	/** What n8n offers besides, such as its egress filter. */
	readonly helpers?: object;
}

const EXPRESSION = '={{ … }}';

/** The parameters as n8n stores them: an expression as its text. */
function stored(value: unknown): unknown {
	if (typeof value === 'function') return EXPRESSION;
	if (Array.isArray(value)) return value.map(stored);
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
		return value;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, stored(each)]));
}

/** The parameters as n8n evaluates them for an item. */
function evaluated(value: unknown, itemIndex: number): unknown {
	if (typeof value === 'function') return (value as (itemIndex: number) => unknown)(itemIndex);
	if (Array.isArray(value)) return value.map((each) => evaluated(each, itemIndex));
	if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
		return value;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluated(each, itemIndex)]));
}

const at = (parameters: unknown, name: string): unknown =>
	name
		.split('.')
		.reduce<unknown>(
			(value, key) =>
				typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
			parameters,
		);

/** As much of n8n's execution context as a unit test needs; whole nodes are tested in the real n8n. */
export function contextOf(options: ContextOptions): IExecuteFunctions {
	const { parameters = {}, items = [{ json: {} }] } = options;
	const context = {
		getNode: () => ({
			id: '1',
			name: 'Node',
			type: 'n8n-nodes-local-engine.test',
			typeVersion: 1,
			position: [0, 0],
			parameters: stored(parameters),
			...options.node,
		}),
		getInputData: () => items,
		getNodeParameter: (
			name: string,
			itemIndex: number,
			fallback?: unknown,
			{ extractValue = false }: { extractValue?: boolean } = {},
		) => {
			const value = at(parameters, name);
			// n8n looks for the field before it thinks of the fallback.
			if (value === undefined && extractValue) throw new Error('Could not find property');
			if (value === undefined && fallback === undefined) throw new Error(`Could not get parameter "${name}"`);
			return value === undefined ? fallback : evaluated(value, itemIndex);
		},
		getCredentials: async (type: string, itemIndex = 0) => options.credentials?.(type, itemIndex) ?? {},
		getParentNodes: () => options.before ?? [],
		getChildNodes: () => options.behind ?? [],
		getInputConnectionData: async (kind: string, itemIndex: number) =>
			typeof options.connected === 'function'
				? (options.connected as (kind: string, itemIndex: number) => unknown)(kind, itemIndex)
				: options.connected,
		sendResponse: async () => undefined,
		getWorkflow: () => ({ id: 'workflow' }),
		getExecutionId: () => '1',
		getTimezone: () => options.timezone ?? 'UTC',
		continueOnFail: () => options.continueOnFail ?? false,
		getExecutionCancelSignal: () => options.signal,
		getMode: () => 'trigger',
		logAiEvent: () => undefined,
		addExecutionHints: ({ message }: { message: string }) => options.hints?.push(message),
		logger: { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined },
		helpers: {
			getBinaryDataBuffer: async (itemIndex: number, field: string) =>
				options.fileOf?.(itemIndex) ?? options.files?.[field] ?? Buffer.alloc(0),
			getBinaryStream: async (id: string) => options.streamOf?.(id),
			prepareBinaryData: async (
				data: Buffer | AsyncIterable<Buffer>,
				fileName: string,
				mimeType: string,
			) => ({ data: (await bytesOf(data)).toString('base64'), fileName, mimeType }),
			...options.helpers,
		},
	};
	return context as unknown as IExecuteFunctions;
}

async function bytesOf(data: Buffer | AsyncIterable<Buffer>): Promise<Buffer> {
	if (Buffer.isBuffer(data)) return data;
	const parts: Buffer[] = [];
	for await (const part of data) parts.push(part);
	return Buffer.concat(parts);
}
