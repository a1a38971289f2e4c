// What a query needs schemas for. They take about half as long to load as all the rest of a start, so a
// start does without: this file is loaded when there is a secret to read, or an input that is not plainly
// right.
export { checkInput } from './contract/check-input.ts';
export { profilesFromSecrets } from './credentials/secret-profiles.ts';
