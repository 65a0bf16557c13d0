// Listens with the shortest queue there is, so that its parent can fill it and stop this process.
import { createServer } from 'node:net';

const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>
	process.send({ port: server.address().port }),
);
