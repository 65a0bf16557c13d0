export * from './errors';
export { checkKey, proposeKey } from './keys';
export { ADMINISTRATOR, checkSpaceName } from './names';
export {
	changeKey,
	defaultSpace,
	dropSpace,
	listSpaces,
	openSpace,
	type ListedSpace,
	type Space,
	type SpaceKey,
} from './open';
