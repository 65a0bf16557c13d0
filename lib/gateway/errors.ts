import { EngineError, type EngineErrorKind } from '../engine';
import { LocalEngineError, PackError } from '../support';

/**
 * `invalidRequest`: the request cannot be understood (`param` says where). `unauthorized`: no key, or not one of ours.
 * `slowBody`: the body took too long to arrive. `rateLimited`: over the key's rate or concurrency. `overloaded`: over the gateway's own. `tooLarge`: the body. `notFound`: the
 * route or model. `methodNotAllowed`. `stopping`: the gateway is about to end. `forbidden`: a web page of another origin asks an
 * open gateway. `workflowFailed`: the workflow that is asked as a model ended without an answer. `workflowTimeout`: it took too long.
 * `workflowUnavailable`: it cannot be started from here. `insecure`: `listen` was asked to open an address without keys.
 */
export type GatewayErrorKind =
	| 'invalidRequest'
	| 'unauthorized'
	| 'rateLimited'
	| 'overloaded'
	| 'tooLarge'
	| 'slowBody'
	| 'notFound'
	| 'methodNotAllowed'
	| 'stopping'
	| 'forbidden'
	| 'workflowFailed'
	| 'workflowTimeout'
	| 'workflowUnavailable'
	| 'insecure';

export class GatewayError extends LocalEngineError<GatewayErrorKind> {
	constructor(
		kind: GatewayErrorKind,
		message: string,
		readonly details: { readonly param?: string; readonly retryAfterMs?: number } = {},
	) {
		super(kind, message);
	}
}

/** An error as OpenAI's clients expect it on the wire. */
export interface WireError {
	readonly status: number;
	readonly body: {
		readonly error: {
			readonly message: string;
			readonly type: string;
			readonly param: string | null;
			readonly code: string | null;
		};
	};
	readonly retryAfterMs?: number;
	/** false: the pool has tried all there is to try; a client that tries again would only multiply that. */
	readonly retryable?: boolean;
}

type Shape = readonly [status: number, type: string, code: string | null, retryable?: boolean];

const SHAPE_OF_GATEWAY_ERROR: { readonly [kind in GatewayErrorKind]: Shape } = {
	invalidRequest: [400, 'invalid_request_error', null],
	unauthorized: [401, 'invalid_request_error', 'invalid_api_key'],
	forbidden: [403, 'invalid_request_error', 'forbidden_origin'],
	notFound: [404, 'invalid_request_error', 'not_found'],
	methodNotAllowed: [405, 'invalid_request_error', 'method_not_allowed'],
	tooLarge: [413, 'invalid_request_error', 'request_too_large'],
	slowBody: [408, 'invalid_request_error', 'request_timeout'],
	rateLimited: [429, 'rate_limit_error', 'rate_limit_exceeded', true],
	overloaded: [503, 'server_error', 'overloaded', true],
	stopping: [503, 'server_error', 'stopping', true],
	workflowFailed: [502, 'server_error', 'workflow_failed', false],
	workflowTimeout: [504, 'server_error', 'workflow_timeout', false],
	workflowUnavailable: [503, 'server_error', 'workflow_unavailable', false],
	insecure: [500, 'server_error', null],
};

const SHAPE_OF_ENGINE_ERROR: { readonly [kind in EngineErrorKind]: Shape } = {
	invalidRequest: [400, 'invalid_request_error', null],
	unsupported: [400, 'invalid_request_error', 'unsupported'],
	contextExceeded: [400, 'invalid_request_error', 'context_length_exceeded'],
	modelNotFound: [404, 'invalid_request_error', 'model_not_found'],
	rateLimited: [429, 'rate_limit_error', 'rate_limit_exceeded', true],
	overloaded: [503, 'server_error', 'overloaded', true],
	loading: [503, 'server_error', 'model_loading', true],
	loadFailed: [502, 'server_error', 'engine_load_failed', false],
	// The engine refused our key: nothing the client could mend, so not 401.
	unauthorized: [502, 'server_error', 'engine_unauthorized', false],
	unreachable: [502, 'server_error', 'engine_unreachable', false],
	badAnswer: [502, 'server_error', 'engine_bad_answer', false],
	interrupted: [502, 'server_error', 'engine_interrupted', false],
	server: [502, 'server_error', 'engine_error', false],
	timeout: [504, 'server_error', 'engine_timeout', false],
	// nginx's "client closed request"; nobody is left to read it.
	cancelled: [499, 'server_error', 'cancelled', false],
};

/** The answer for anything thrown; undefined for a fault of our own, whose text must not reach the client. */
export function toWireError(thrown: unknown): WireError | undefined {
	if (thrown instanceof GatewayError) {
		const { param, retryAfterMs } = thrown.details;
		return shape(SHAPE_OF_GATEWAY_ERROR[thrown.kind], thrown.message, param, retryAfterMs);
	}
	if (thrown instanceof PackError) return shape([503, 'server_error', thrown.kind, true], thrown.message);
	if (thrown instanceof EngineError) {
		const words = thrown.engineMessage;
		const message =
			words && !thrown.message.includes(words) ? `${thrown.message} (${words})` : thrown.message;
		return shape(SHAPE_OF_ENGINE_ERROR[thrown.kind], message, undefined, thrown.retryAfterMs);
	}
	return undefined;
}

export const FAULT_OF_OURS: WireError = shape(
	[500, 'server_error', 'internal_error', false],
	'The gateway failed inside. Its log says more.',
);

function shape(
	[status, type, code, retryable]: Shape,
	message: string,
	param?: string,
	retryAfterMs?: number,
): WireError {
	return { status, body: { error: { message, type, param: param ?? null, code } }, retryAfterMs, retryable };
}
