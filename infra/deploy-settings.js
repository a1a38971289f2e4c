// osls loads .js files only
export {
  deployRegion,
  deploySettings,
  errorNames,
  stateMachineDefinition,
} from './deploy-settings.ts';
