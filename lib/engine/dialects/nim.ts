import { asObject, asString } from '../wire/json';
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
	can: new Set([...vllm.can].filter((feature) => feature !== 'tokenVectors')),
	tokenVectors: undefined,
	health: { method: 'GET', path: '/v1/health/ready' },
	version: async (ask) =>
		asString(asObject((await ask({ method: 'GET', path: '/v1/metadata' })).json)?.version),
};
