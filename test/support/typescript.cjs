// `node -r test/support/typescript.cjs file.ts` runs our sources as they are, for tests that need a process of their own.
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const Module = require('node:module');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
	const { code } = transformSync(readFileSync(filename, 'utf8'), {
		filename,
		swcrc: false,
		jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
		module: { type: 'commonjs', ignoreDynamic: false },
	});
	module._compile(code, filename);
};

// `await import('./part/index.js')` names the built file; here it is still a .ts file.
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, parent, ...rest) => {
	if (/^\.\.?\/.*\.js$/.test(request) && parent?.filename?.endsWith('.ts')) {
		const source = join(dirname(parent.filename), request.replace(/\.js$/, '.ts'));
		if (existsSync(source)) return source;
	}
	return resolve(request, parent, ...rest);
};
