import { checkAddress, type Egress, EgressError, isObject, parseJson } from '../../support';
import { IndexError } from '../errors';
import type { Place } from './place';

type Options = ReadonlyMap<string, string>;

/** Where cloud machines get keys of their own: asked where no key is given. The name is Google's, the address everybody's. */
const MACHINE_KEYS = ['http://169.254.169.254', 'http://metadata.google.internal'];

/**
 * LanceDB connects to an object store by itself, so its addresses are asked about before it is opened: those of the store, and
 * of where it gets a key when none is given. The names are looked up again when LanceDB connects, which no filter of ours sees.
 *
 * @throws IndexError `unauthorized` when the filter refuses an address, `invalidSettings` for a kind of store that is not known
 */
export async function checkObjectStore({
	directory,
	storageOptions = {},
	egress = {},
}: Place): Promise<void> {
	for (const address of objectStoreAddresses(directory, storageOptions)) await checkOne(egress, address);
}

async function checkOne(egress: Egress, address: string): Promise<void> {
	if (!URL.canParse(address))
		throw new IndexError(
			'invalidSettings',
			'The endpoint of the object store is not an address. Enter it as https://host:port.',
		);
	try {
		await checkAddress(egress, new URL(address));
	} catch (thrown) {
		if (!(thrown instanceof EgressError)) throw thrown;
		throw new IndexError('unauthorized', `The object store was not opened: ${thrown.message}`, {
			cause: thrown,
		});
	}
}

/**
 * The addresses that LanceDB will ask for a folder's URL: by its documentation of storage options
 * (https://lancedb.com/docs/storage/configuration) and the builders of the Rust crate `object_store`, which also read the environment.
 */
export function objectStoreAddresses(
	directory: string,
	storageOptions: Readonly<Record<string, string>>,
	environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
	const [scheme = '', rest = ''] = directory.split('://', 2);
	const bucket = rest.split('/', 1)[0] ?? '';
	const options = optionsOf(storageOptions, environment);
	switch (scheme.toLowerCase()) {
		case 's3':
			return ofS3(bucket, options);
		case 'gs':
			return ofGoogle(options);
		case 'az':
			return ofAzure(options);
		default:
			throw new IndexError(
				'invalidSettings',
				`An index cannot be kept at "${scheme}://". Use a folder, or an object store with s3://, gs:// or az://.`,
			);
	}
}

/** Options come before the environment; the case of a name means nothing. */
function optionsOf(
	given: Readonly<Record<string, string>>,
	environment: Readonly<Record<string, string | undefined>>,
): Options {
	const named = ([name, value]: [string, string | undefined]): Array<[string, string]> =>
		value ? [[name.toLowerCase(), value]] : [];
	const fromEnvironment = Object.entries(environment).filter(([name]) =>
		/^(?:aws|google|azure)_/i.test(name),
	);
	return new Map([...fromEnvironment.flatMap(named), ...Object.entries(given).flatMap(named)]);
}

const firstOf = (options: Options, ...names: string[]): string | undefined =>
	names.map((name) => options.get(name)).find((value) => value !== undefined);

const isOn = (options: Options, ...names: string[]): boolean =>
	/^(?:true|1|yes|on)$/i.test(firstOf(options, ...names) ?? '');

function ofS3(bucket: string, options: Options): string[] {
	const region = firstOf(options, 'region', 'aws_region', 'aws_default_region', 'default_region');
	const endpoint = firstOf(
		options,
		'endpoint',
		'endpoint_url',
		'aws_endpoint',
		'aws_endpoint_url_s3',
		'aws_endpoint_url',
	);
	const hasKey =
		firstOf(options, 'access_key_id', 'aws_access_key_id') !== undefined ||
		isOn(options, 'skip_signature', 'aws_skip_signature');
	const metadata = firstOf(options, 'metadata_endpoint', 'aws_metadata_endpoint');
	const store =
		endpoint === undefined
			? // Without a region the bucket itself is asked for it.
				[`https://${bucket}.s3.amazonaws.com`, ...(region ? [`https://s3.${region}.amazonaws.com`] : [])]
			: [endpoint];
	return [...store, ...(hasKey ? [] : metadata ? [metadata] : MACHINE_KEYS.slice(0, 1))];
}

function ofGoogle(options: Options): string[] {
	const account = parseJson(firstOf(options, 'service_account_key', 'google_service_account_key') ?? 'null');
	const isKeyed = isObject(account);
	const own = isKeyed ? [account.gcs_base_url, account.token_uri] : [];
	return [
		'https://storage.googleapis.com',
		...own.filter((address): address is string => typeof address === 'string'),
		...(isKeyed || isOn(options, 'skip_signature', 'google_skip_signature') ? [] : MACHINE_KEYS),
	];
}

function ofAzure(options: Options): string[] {
	const account = firstOf(options, 'account_name', 'azure_storage_account_name', 'azure_account_name');
	const endpoint = firstOf(options, 'endpoint', 'azure_endpoint', 'azure_storage_endpoint');
	const isEmulated = isOn(options, 'use_emulator', 'azure_storage_use_emulator', 'azure_use_emulator');
	const hasKey =
		isEmulated || [...options.keys()].some((name) => /account_key|access_key|sas|skip_signature/.test(name));
	const authority = firstOf(options, 'authority_host', 'azure_authority_host');
	const identity = firstOf(options, 'identity_endpoint', 'msi_endpoint', 'azure_identity_endpoint');
	return [
		isEmulated ? 'http://127.0.0.1:10000' : (endpoint ?? `https://${account ?? ''}.blob.core.windows.net`),
		...(hasKey
			? []
			: [authority ?? 'https://login.microsoftonline.com', identity ?? (MACHINE_KEYS[0] as string)]),
	];
}
