// LanceDB connects to object stores by itself: every address that it will ask is asked about before it is opened.
import { createServer } from 'node:http';
import { createIndex, listIndexes, openIndex } from '../../../lib/vectorIndex';
import { objectStoreAddresses } from '../../../lib/vectorIndex/embedded/objectStore';
import { listenLocally } from '../../support/listen';

const keys = { aws_access_key_id: 'AKIAEXAMPLE', aws_secret_access_key: 'very-secret-value' };

describe('the addresses of an object store', () => {
	it.each<[string, string, Record<string, string>, Record<string, string>, string[]]>([
		[
			'an endpoint',
			's3://b/x',
			{ ...keys, aws_endpoint: 'http://10.0.0.1:9000' },
			{},
			['http://10.0.0.1:9000'],
		],
		[
			'an endpoint of the environment',
			's3://b/x',
			keys,
			{ AWS_ENDPOINT_URL: 'http://10.0.0.1:9000' },
			['http://10.0.0.1:9000'],
		],
		['the name of an option in capitals', 's3://b', { ...keys, ENDPOINT: 'http://a' }, {}, ['http://a']],
		[
			'a region',
			's3://b/x',
			{ ...keys, region: 'eu-west-1' },
			{},
			['https://b.s3.amazonaws.com', 'https://s3.eu-west-1.amazonaws.com'],
		],
		[
			'no key: a cloud machine has one',
			's3://b',
			{ endpoint: 'http://a' },
			{},
			['http://a', 'http://169.254.169.254'],
		],
		['no key needed', 's3://b', { endpoint: 'http://a', skip_signature: 'true' }, {}, ['http://a']],
		[
			'Google',
			'gs://b/x',
			{ google_service_account_key: '{"gcs_base_url":"http://10.1.1.1","token_uri":"http://10.1.1.2/t"}' },
			{},
			['https://storage.googleapis.com', 'http://10.1.1.1', 'http://10.1.1.2/t'],
		],
		[
			'Google without a key',
			'gs://b',
			{},
			{},
			['https://storage.googleapis.com', 'http://169.254.169.254', 'http://metadata.google.internal'],
		],
		[
			'Azure',
			'az://c/x',
			{ account_name: 'acme', account_key: 'k' },
			{},
			['https://acme.blob.core.windows.net'],
		],
		['Azure on this machine', 'az://c', { use_emulator: 'true' }, {}, ['http://127.0.0.1:10000']],
		[
			'Azure without a key',
			'AZ://c',
			{ azure_endpoint: 'https://10.2.2.2' },
			{},
			['https://10.2.2.2', 'https://login.microsoftonline.com', 'http://169.254.169.254'],
		],
	])('are known for %s', (_, directory, options, environment, expected) => {
		expect(objectStoreAddresses(directory, options, environment)).toEqual(expected);
	});

	it.each(['hf://a/b', 'oss://b', 'memory://x', 'file:///etc', 's3+ddb://b', 'http://a'])(
		'of an unknown kind are refused: %s',
		async (directory) => {
			await expect(listIndexes({ backend: 'embedded', directory })).rejects.toMatchObject({
				kind: 'invalidSettings',
				message: expect.stringContaining('cannot be kept at') as string,
			});
		},
	);
});

it('an object store that n8n’s filter refuses is not asked, also by who comes after one that was allowed', async () => {
	let asked = 0;
	const server = createServer((_request, response) => {
		asked++;
		response.writeHead(403).end();
	});
	const { url, close } = await listenLocally(server);
	const place = {
		backend: 'embedded',
		directory: 's3://bucket/indexes',
		storageOptions: {
			...keys,
			aws_region: 'us-east-1',
			aws_endpoint: url,
			allow_http: 'true',
			client_max_retries: '0',
		},
		egress: {
			checkUrl: ({ host }: URL) => {
				throw new Error(`${host} is restricted`);
			},
		},
	} as const;
	const refused = {
		kind: 'unauthorized',
		message: expect.stringMatching(/object store was not opened.*is restricted/) as string,
	};
	try {
		await expect(createIndex({ ...place, name: 'a' }, { model: 'm', dimensions: 2, fingerprint: 'f' }))
			.rejects //
			.toMatchObject(refused);
		expect(asked).toBe(0);
		await expect(openIndex({ ...place, egress: {}, name: 'a' })).rejects.toMatchObject({ kind: 'storage' });
		expect(asked).toBeGreaterThan(0);
		const before = asked;
		await expect(openIndex({ ...place, name: 'a' })).rejects.toMatchObject(refused);
		await expect(listIndexes(place)).rejects.toMatchObject(refused);
		expect(asked).toBe(before);
	} finally {
		await close();
	}
});
