import type { AnsweringErrorKind } from '../../../lib/answering';
import type { ChunkingErrorKind } from '../../../lib/chunking';
import type { DistillationErrorKind } from '../../../lib/distillation';
import type { DocumentErrorKind } from '../../../lib/documents';
import type { EmbeddingErrorKind } from '../../../lib/embedding';
import type { EngineErrorKind } from '../../../lib/engine';
import type { EvaluationErrorKind } from '../../../lib/evaluation';
import type { ExperimentErrorKind } from '../../../lib/experiment';
import type { IngestErrorKind } from '../../../lib/ingest';
import type { SpaceErrorKind } from '../../../lib/spaces';
import type { PackError } from '../../../lib/support';
import type { DatabaseErrorKind } from '../../../lib/support/database';
import type { IndexErrorKind } from '../../../lib/vectorIndex';

/** Every kind of error that an item can end with. */
type Kind =
	| 'invalidInput'
	| AnsweringErrorKind
	| ChunkingErrorKind
	| DatabaseErrorKind
	| DistillationErrorKind
	| DocumentErrorKind
	| EmbeddingErrorKind
	| EngineErrorKind
	| EvaluationErrorKind
	| ExperimentErrorKind
	| IndexErrorKind
	| IngestErrorKind
	| PackError['kind']
	| SpaceErrorKind;

/** HTTP status that a webhook should answer with. */
const STATUS_OF_KIND: { readonly [kind in Kind]: number } = {
	// What was sent is wrong.
	invalidInput: 400,
	invalidRequest: 400,
	invalidName: 400,
	invalidFilter: 400,
	invalidOptions: 400,
	invalidQuery: 400,
	invalidRecord: 400,
	invalidData: 400,
	invalidSettings: 400,
	document: 400,
	folder: 400,
	unreadable: 400,
	tooLong: 400,
	contextExceeded: 400,
	invalidKey: 400,
	notConfirmed: 400,
	refused: 403,
	spaceClosed: 403,
	licence: 403,
	notFound: 404,
	modelNotFound: 404,
	tooLarge: 413,
	// What was sent does not go with what is there.
	alreadyExists: 409,
	conflict: 409,
	drift: 409,
	fingerprintMismatch: 409,
	migration: 409,
	moved: 409,
	removal: 409,
	empty: 409,
	// What we need from others failed, or is not there now.
	rateLimited: 429,
	unsupported: 501,
	oldNode: 501,
	unauthorized: 502,
	loadFailed: 502,
	badAnswer: 502,
	interrupted: 502,
	server: 502,
	backend: 502,
	embedder: 502,
	overloaded: 503,
	ended: 503,
	unreachable: 503,
	loading: 503,
	updating: 503,
	closed: 503,
	encoderFailed: 503,
	store: 503,
	unavailable: 503,
	timeout: 504,
	storage: 507,
	// nginx's "client closed request".
	cancelled: 499,
	// Faults of ours or of the installation.
	damaged: 500,
	modelMissing: 500,
	missingService: 500,
	badService: 500,
};

/** The status for a kind of error; anything that is none of ours is our failure: 500. */
export const statusOf = (kind: string): number => (isKnown(kind) ? STATUS_OF_KIND[kind] : 500);

const isKnown = (kind: string): kind is Kind => Object.hasOwn(STATUS_OF_KIND, kind);
