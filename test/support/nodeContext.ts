import type { IExecuteFunctions, INode, INodeExecutionData } from 'n8n-workflow';

interface ContextOptions {
	readonly parameters?: { readonly [name: string]: unknown };
	readonly items?: INodeExecutionData[];
	readonly continueOnFail?: boolean;
	readonly node?: Partial<INode>;
	readonly signal?: AbortSignal;
	/** Contents of binary fields by name. */
	readonly files?: { readonly [field: string]: Buffer };
}

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
			parameters: {},
			...options.node,
		}),
		getInputData: () => items,
		getNodeParameter: (name: string, itemIndex: number, fallback?: unknown) => {
			const value = name
				.split('.')
				.reduce<unknown>(
					(at, key) =>
						typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
					parameters,
				);
			if (value === undefined && fallback === undefined) throw new Error(`Could not get parameter "${name}"`);
			return typeof value === 'function'
				? (value as (itemIndex: number) => unknown)(itemIndex)
				: (value ?? fallback);
		},
		continueOnFail: () => options.continueOnFail ?? false,
		getExecutionCancelSignal: () => options.signal,
		getMode: () => 'trigger',
		logger: { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined },
		helpers: {
			getBinaryDataBuffer: async (_itemIndex: number, field: string) =>
				options.files?.[field] ?? Buffer.alloc(0),
		},
	};
	return context as unknown as IExecuteFunctions;
}
