// The ES modules of the SDK, which start quicker than its CommonJS. They are the same inside.
declare module '@larksuiteoapi/node-sdk/es/index.js' {
  export * from '@larksuiteoapi/node-sdk';
}
