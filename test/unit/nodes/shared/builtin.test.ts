import os from 'node:os';
import type * as Encoders from '../../../../lib/embedding/encoderModel';
import type * as Builtin from '../../../../nodes/shared/runtime/builtin';

const GB = 2 ** 30;
const before = process.env.LOCAL_ENGINE_ENCODER_PROCESSES;

afterEach(() => {
	jest.restoreAllMocks();
	if (before === undefined) delete process.env.LOCAL_ENGINE_ENCODER_PROCESSES;
	else process.env.LOCAL_ENGINE_ENCODER_PROCESSES = before;
});

/** Processes that an encoder may have on such a machine. */
function processesOn({
	cores,
	memory,
	allowed,
}: {
	cores: number;
	memory: number;
	allowed?: string;
}): number {
	if (allowed === undefined) delete process.env.LOCAL_ENGINE_ENCODER_PROCESSES;
	else process.env.LOCAL_ENGINE_ENCODER_PROCESSES = allowed;
	jest.spyOn(os, 'availableParallelism').mockReturnValue(cores);
	jest.spyOn(os, 'totalmem').mockReturnValue(memory);
	jest.spyOn(process, 'constrainedMemory').mockReturnValue(0);
	let processes = 0;
	jest.isolateModules(() => {
		const { builtinOf } = jest.requireActual<typeof Builtin>('../../../../nodes/shared/runtime/builtin');
		const { multilingualEncoder } = jest.requireActual<typeof Encoders>(
			'../../../../lib/embedding/encoderModel',
		);
		expect(builtinOf('multilingual').model).toBe(multilingualEncoder.name);
		processes = multilingualEncoder.pool.processes;
	});
	return processes;
}

describe('the processes of a built-in encoder', () => {
	it.each([
		['all cores', { cores: 2, memory: 8 * GB }, 2],
		['at most four', { cores: 16, memory: 64 * GB }, 4],
		['no more than the memory is enough for', { cores: 4, memory: 4 * GB }, 2],
		['one on the smallest machine', { cores: 4, memory: GB }, 1],
		['as many as the operator allows', { cores: 2, memory: 2 * GB, allowed: '6' }, 6],
		['all cores where the operator wrote something else', { cores: 2, memory: 8 * GB, allowed: 'many' }, 2],
	])('are %s', (_, machine, processes) => {
		expect(processesOn(machine)).toBe(processes);
	});
});
