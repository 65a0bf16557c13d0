const { createServer } = require('node:net');

/** @param {number} port @param {string} address @returns {Promise<number | undefined>} the port, or undefined when it is taken */
function tryPort(port, address = '127.0.0.1') {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
			error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(undefined) : reject(error),
		);
		server.listen({ port, host: address, exclusive: true }, () => {
			const taken = server.address();
			server.close(() => resolve(typeof taken === 'object' && taken ? taken.port : port));
		});
	});
}

/** A port that nobody listens on at the moment. */
async function freePort() {
	const port = await tryPort(0);
	if (port === undefined) throw new Error('No free port on 127.0.0.1.');
	return port;
}

module.exports = { tryPort, freePort };
