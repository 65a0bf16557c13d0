import type { DialectSpec } from '../dialects';
import { EngineError } from '../errors';
import type { Engine } from '../routing/engine';

export function cannot(engine: Engine, spec: DialectSpec, what: string): EngineError {
	return new EngineError('unsupported', `${engine.name} (${spec.label}) does not ${what}.`, {
		engine: engine.name,
	});
}
