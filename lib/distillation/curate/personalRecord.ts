import { compact, isJsonObject, parseJson, sha256, type JsonObject, type JsonValue } from '../../support';
import type { Answer, ExchangeRecord, Message, ToolDefinition } from '../types';

/** Replaces personal data in a text; gives the same text back when there is none. */
type Clean = (text: string) => string;

/** The record with the personal data of all its fields replaced. */
export function withoutPersonalData(record: ExchangeRecord, clean: Clean): ExchangeRecord {
	const text = (value: string): string => cleanText(value, clean);
	const optional = (value: string | undefined): string | undefined =>
		value === undefined ? undefined : text(value);
	/** Names that keep records of one group together stay different where they were. */
	const group = (value: string | undefined): string | undefined => {
		const cleaned = optional(value);
		return value === undefined || cleaned === value ? value : `${cleaned} ${sha256(value).slice(0, 8)}`;
	};
	const turn = <T extends Message | Answer>(given: T): T =>
		compact({
			...given,
			content: text(given.content),
			reasoning: optional(given.reasoning),
			toolCalls: given.toolCalls?.map((call) => ({ ...call, arguments: text(call.arguments) })),
		});
	const { lineage } = record;
	return compact({
		...record,
		messages: record.messages.map((message) => compact({ ...turn(message), name: optional(message.name) })),
		answers: record.answers.map((answer) => {
			const cleaned = turn(answer);
			if (cleaned.content === answer.content && cleaned.reasoning === answer.reasoning) return cleaned;
			// Token lists spell the old text out.
			return compact({ ...cleaned, logprobs: undefined });
		}),
		tools: record.tools?.map((tool) => cleanTool(tool, text)),
		steps: record.steps?.map((step) => ({ ...step, text: text(step.text) })),
		schema: record.schema === undefined ? undefined : cleanObject(record.schema, text),
		labels:
			record.labels === undefined
				? undefined
				: Object.fromEntries(Object.entries(record.labels).map(([name, label]) => [text(name), text(label)])),
		conversation: group(record.conversation),
		source: group(record.source),
		lineage: compact({ ...lineage, file: group(lineage.file), seed: group(lineage.seed) }),
	});
}

function cleanTool(tool: ToolDefinition, text: Clean): ToolDefinition {
	return compact({
		...tool,
		description: tool.description === undefined ? undefined : text(tool.description),
		parameters: tool.parameters === undefined ? undefined : cleanObject(tool.parameters, text),
	});
}

/** The texts of a schema (descriptions, examples, defaults); names of its properties are no data. */
function cleanObject(value: JsonObject, text: Clean): JsonObject {
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, cleanValue(entry, text)]));
}

function cleanValue(value: JsonValue, text: Clean): JsonValue {
	if (typeof value === 'string') return text(value);
	if (Array.isArray(value)) return value.map((entry: JsonValue) => cleanValue(entry, text));
	return isJsonObject(value) ? cleanObject(value, text) : value;
}

/** In JSON the values are replaced one by one, so that it stays JSON; any other text is looked at whole. */
function cleanText(text: string, clean: Clean): string {
	const start = text.trimStart().charAt(0);
	if ((start !== '{' && start !== '[') || typeof parseJson(text) !== 'object') return clean(text);
	let result = '';
	let copied = 0;
	for (let at = 0; at < text.length; ) {
		const end = text[at] === '"' ? stringEnd(text, at) : numberEnd(text, at);
		if (end > at) {
			const literal = text.slice(at, end);
			const value = literal.startsWith('"') ? String(JSON.parse(literal)) : literal;
			const cleaned = clean(value);
			if (cleaned !== value) {
				result += text.slice(copied, at) + JSON.stringify(cleaned);
				copied = end;
			}
		}
		at = Math.max(end, at + 1);
	}
	return copied === 0 ? text : result + text.slice(copied);
}

function stringEnd(text: string, open: number): number {
	let at = open + 1;
	while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
	return at + 1;
}

/** Behind the number that begins here; the place itself when none does. */
function numberEnd(text: string, from: number): number {
	let at = from;
	while (at < text.length && /[-+.\deE]/.test(text.charAt(at))) at++;
	return /^-?\d/.test(text.slice(from, from + 2)) ? at : from;
}
