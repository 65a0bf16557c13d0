import { asArray, asNumber, asObject, asString } from '../../support';
import type { DialectSpec } from './dialect';
import { vllm } from './vllm';

/**
 * NVIDIA NIM 2.x: vLLM's API with its own health and metadata routes. A Dynamo front end answers in the same way and
 * says 529 (503 before 1.3) when it is full, which wire/failure.ts knows.
 */
export const nim: DialectSpec = {
	...vllm,
	dialect: 'nim',
	label: 'NVIDIA NIM',
	// Speech is another product of theirs.
	can: new Set([...vllm.can].filter((feature) => feature !== 'tokenVectors' && feature !== 'transcribe')),
	tokenVectors: undefined,
	// NeMo Retriever's own route (docs.nvidia.com/nim/nemo-retriever/text-reranking); scores are logits.
	rerank: {
		request: (model, query, documents) => ({
			method: 'POST',
			path: '/v1/ranking',
			body: {
				...(model === '' ? {} : { model }),
				query: { text: query },
				passages: documents.map((text) => ({ text })),
				truncate: 'END',
			},
		}),
		answer: (json) => {
			const rows = asObject(json)?.rankings;
			if (!Array.isArray(rows)) return undefined;
			const scores = asArray(rows).map((row) => ({
				index: asNumber(asObject(row)?.index) ?? -1,
				score: asNumber(asObject(row)?.logit) ?? Number.NaN,
			}));
			return scores.some(({ index, score }) => index < 0 || Number.isNaN(score)) ? undefined : scores;
		},
	},
	healthyWhileBusy: true,
	health: { method: 'GET', path: '/v1/health/ready' },
	version: async (ask) =>
		asString(asObject((await ask({ method: 'GET', path: '/v1/metadata' })).json)?.version),
};
