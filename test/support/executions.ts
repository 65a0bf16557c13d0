// Runs a workflow as the editor's "Execute workflow" does, and reads what each of its nodes put out.
import type { N8nClient } from '../../host/client.cjs';

export interface Item {
	readonly json: Record<string, unknown>;
	readonly binary?: Record<
		string,
		{ readonly id?: string; readonly data: string; readonly mimeType: string }
	>;
}

interface NodeRun {
	readonly executionStatus?: string;
	readonly error?: { readonly message?: string };
	readonly data?: Record<string, Array<Item[] | null>>;
}

export interface Run {
	readonly id: string;
	/** n8n's own word: success, error … */
	readonly status: string;
	/** Names of the nodes that ran. */
	readonly ran: readonly string[];
	/** Message of the error that ended the run. */
	readonly error?: string;
	/** What a node put out, over all its outputs. */
	items(node: string): Item[];
}

/** Starts a stored workflow from one of its triggers (pinned data stands in for what it waits for), and waits for its end. */
export async function execute(client: N8nClient, workflowId: string, trigger: string): Promise<Run> {
	const started = (await client.rest('POST', `/workflows/${workflowId}/run`, {
		triggerToStartFrom: { name: trigger },
		// n8n before 2.1x wants the workflow itself; newer ones take it as they stored it
		workflowData: await client.rest('GET', `/workflows/${workflowId}`),
	})) as { executionId?: string };
	if (started.executionId === undefined)
		throw new Error(`"${trigger}" waits for a call: it has no pinned data, so one click does not run it.`);
	return await finished(client, started.executionId);
}

/** An execution after its end, at most two minutes from now. */
export async function finished(client: N8nClient, id: string): Promise<Run> {
	for (const deadline = Date.now() + 120_000; ; ) {
		const execution = (await client.rest('GET', `/executions/${id}`)) as {
			status: string;
			stoppedAt?: string;
			data: string;
		};
		// n8n 1.x tells the end before it has stored the data.
		const data = execution.stoppedAt ? unflatten(execution.data) : undefined;
		if (data !== undefined) return runOf(id, execution.status, data);
		if (Date.now() > deadline)
			throw new Error(`Execution ${id} is still ${execution.status} after two minutes`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

function runOf(id: string, status: string, data: unknown): Run {
	const { runData = {}, error } = (
		data as { resultData: { runData?: Record<string, NodeRun[]>; error?: { message?: string } } }
	).resultData;
	return {
		id,
		status,
		ran: Object.keys(runData),
		...(error?.message !== undefined && { error: error.message }),
		items: (node) =>
			(runData[node] ?? []).flatMap((run) =>
				Object.values(run.data ?? {}).flatMap((outputs) => outputs.flatMap((items) => items ?? [])),
			),
	};
}

/** A file of an item, as text. */
export async function fileOf(client: N8nClient, item: Item | undefined, field: string): Promise<string> {
	const file = item?.binary?.[field];
	if (file === undefined) throw new Error(`The item has no file "${field}"`);
	if (file.id === undefined) return Buffer.from(file.data, 'base64').toString();
	const response = await fetch(
		`${client.url}/rest/binary-data?id=${encodeURIComponent(file.id)}&action=download`,
		{ headers: { cookie: client.cookie } },
	);
	if (!response.ok) throw new Error(`n8n answered ${response.status} for the file "${field}"`);
	return await response.text();
}

/** n8n sends execution data "flatted": a list whose strings in objects are places in the list. */
function unflatten(text: string): unknown {
	const places = JSON.parse(text) as unknown[];
	const done = new Map<number, unknown>();
	const at = (place: number): unknown => {
		if (done.has(place)) return done.get(place);
		const value = places[place];
		if (typeof value !== 'object' || value === null) return value;
		const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {};
		done.set(place, copy);
		for (const [key, inner] of Object.entries(value))
			Reflect.set(copy, key, typeof inner === 'string' ? at(Number(inner)) : inner);
		return copy;
	};
	return at(0);
}
